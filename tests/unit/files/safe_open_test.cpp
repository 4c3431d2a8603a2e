// Which links are followed, and that nothing is opened by way of the others.
#include "runtime/files/safe_open.hpp"

#include "tests/unit/files/temporary_directory.hpp"

#include <cerrno>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace wfr;
using wfr::test::TemporaryDirectory;

namespace {

constexpr uid_t kOther = 61002;
constexpr uid_t kThird = 61003;

bool same(const Descriptor& opened, const std::string& path) {
  struct stat a {};
  struct stat b {};
  return opened && fstat(opened.get(), &a) == 0 && stat(path.c_str(), &b) == 0 &&
         a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// Only root can make what belongs to others.
bool can_give(const TemporaryDirectory& top) {
  top.file("probe");
  if (top.give("probe", kOther)) return true;
  WARN("not root: links of other users are tested by security.* only");
  return false;
}

}  // namespace

TEST_CASE("links of this user are followed, whatever they look like") {
  const TemporaryDirectory top;
  top.directory("a/b");
  top.directory("c");
  top.file("a/b/file");
  top.link("relative", "a/b");
  top.link("absolute", top.path("a"));
  top.link("a/up", "../c/../a/./b");
  top.link("twice", "relative/../up");
  CHECK(same(open_path(top.path("a/b")), top.path("a/b")));
  CHECK(same(open_path(top.path("relative"), true), top.path("a/b")));
  CHECK(same(open_path(top.path("absolute/b/file")), top.path("a/b/file")));
  CHECK(same(open_path(top.path("a/up/file")), top.path("a/b/file")));
  CHECK(same(open_path(top.path("twice/file")), top.path("a/b/file")));
  CHECK(same(open_path(top.path("relative/")), top.path("a/b")));
}

TEST_CASE("what is not there, is no directory or has no end is an error with its number") {
  const TemporaryDirectory top;
  top.file("file");
  top.link("dangling", "nothing");
  top.link("loop", "loop");
  top.link("to-file", "file");
  const auto error_of = [&](const std::string& name, bool directory) {
    errno = 0;
    CHECK_FALSE(open_path(top.path(name), directory));
    return errno;
  };
  CHECK(error_of("none", false) == ENOENT);
  CHECK(error_of("none/deeper", false) == ENOENT);
  CHECK(error_of("dangling", false) == ENOENT);
  CHECK(error_of("file", true) == ENOTDIR);
  CHECK(error_of("to-file", true) == ENOTDIR);
  CHECK(error_of("file/x", false) == ENOTDIR);
  CHECK(error_of("loop", false) == ELOOP);
}

TEST_CASE("a link of another user is followed only to what is his") {
  const TemporaryDirectory top;
  if (!can_give(top)) return;
  top.directory("private");
  top.file("private/key");
  top.directory("his");
  top.directory("thirds");
  top.link("to-private", "private");
  top.link("to-key", "private/key");
  top.link("to-his", "his");
  top.link("to-thirds", "thirds");
  top.link("through", "to-his");
  top.link("dangling", "nothing");
  top.link("his/inner", "../private");
  for (const char* name : {"to-private", "to-key", "to-his", "to-thirds", "his", "dangling"}) {
    REQUIRE(top.give(name, kOther));
  }
  REQUIRE(top.give("thirds", kThird));
  REQUIRE(top.give("his/inner", kThird));
  CHECK_THROWS_AS(open_path(top.path("to-private")), UnsafePathError);
  CHECK_THROWS_AS(open_path(top.path("to-private/key")), UnsafePathError);
  CHECK_THROWS_AS(open_path(top.path("to-key")), UnsafePathError);
  CHECK_THROWS_AS(open_path(top.path("to-thirds")), UnsafePathError);
  CHECK(same(open_path(top.path("to-his"), true), top.path("his")));
  CHECK(same(open_path(top.path("through"), true), top.path("his")));
  CHECK_THROWS_AS(open_path(top.path("to-his/inner/key")), UnsafePathError);
  CHECK_FALSE(open_path(top.path("dangling")));
  CHECK_THROWS_WITH(
      open_path(top.path("to-key")),
      Catch::Contains("the link `" + top.path("to-key") + "`, which belongs to user 61002"));
}

TEST_CASE("below a base no link is followed, above it they are") {
  const TemporaryDirectory top;
  top.directory("real/task/sub");
  top.directory("elsewhere");
  top.link("level", "real/task");
  top.link("real/task/out", "../../elsewhere");
  const std::string base = top.path("level");
  CHECK(same(open_parent(base + "/x", base).directory, top.path("real/task")));
  CHECK(open_parent(base + "/x", base).name == "x");
  CHECK(same(open_parent(base + "/sub/x", base).directory, top.path("real/task/sub")));
  CHECK_THROWS_WITH(open_parent(base + "/out/x", base), Catch::Contains("level/out` is a link"));
  CHECK(same(open_parent(base + "/out/x").directory, top.path("elsewhere")));
  CHECK_FALSE(open_parent(base + "/none/x", base));
  CHECK(errno == ENOENT);
  // The last name is not looked at.
  CHECK(same(open_parent(base + "/out", base).directory, top.path("real/task")));
}

TEST_CASE("below a holder's name only a holder is opened") {
  const TemporaryDirectory top;
  top.directory("d");
  top.directory("d/.wfr.mine/inner", 0755);
  top.directory("d/.wfr.mine", 01700);
  top.directory("d/.wfr.plain", 0700);
  top.directory("d/.wfr.wide", 01777);
  top.directory("away");
  top.link("d/.wfr.link", "../away");
  const std::string base = top.path("d");
  CHECK(same(open_parent(base + "/.wfr.mine/x", base).directory, top.path("d/.wfr.mine")));
  CHECK(same(open_parent(base + "/.wfr.mine/inner/x").directory, top.path("d/.wfr.mine/inner")));
  for (const char* name : {".wfr.plain", ".wfr.wide", ".wfr.link"}) {
    CHECK_THROWS_AS(open_parent(base + "/" + name + "/x", base), UnsafePathError);
    CHECK_THROWS_AS(open_parent(base + "/" + name + "/x"), UnsafePathError);
  }
  // The holder itself may be anything: it is what is asked about.
  CHECK(same(open_parent(base + "/.wfr.plain", base).directory, base));
}
