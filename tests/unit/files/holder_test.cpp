// What is known as a holder, what stands in its way, and who could exchange one.
#include "runtime/files/holder.hpp"

#include "runtime/files/safe_open.hpp"
#include "tests/unit/files/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace wfr;
using wfr::test::TemporaryDirectory;

namespace {

constexpr uid_t kOther = 61002;

struct Umask {
  explicit Umask(mode_t mask) : before(umask(mask)) {}
  ~Umask() { umask(before); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  mode_t before;
};

bool make(const std::string& path) {
  const Parent parent = open_parent(path);
  return parent && make_holder(parent.directory.get(), parent.name.c_str());
}

}  // namespace

TEST_CASE("a holder is private, whatever the umask and the directory say") {
  const TemporaryDirectory top;
  top.directory("d", 02775);
  const Umask umask(GENERATE(000U, 002U, 022U, 077U));
  REQUIRE(make(top.path("d/.wfr.1")));
  struct stat info {};
  REQUIRE(stat(top.path("d/.wfr.1").c_str(), &info) == 0);
  CHECK((info.st_mode & 01777) == 01700);
  CHECK(is_holder(top.path("d/.wfr.1")));
  CHECK_FALSE(make(top.path("d/.wfr.1")));
}

TEST_CASE("what only looks like a holder is none, and is not removed") {
  const TemporaryDirectory top;
  top.directory("precious/deep", 0700);
  top.file("precious/deep/thesis");
  top.link("link", "precious");
  CHECK_FALSE(is_holder(top.path("precious")));
  CHECK_FALSE(is_holder(top.path("link")));
  CHECK_FALSE(is_holder(top.path("precious/deep/thesis")));
  CHECK_FALSE(is_holder(top.path("none")));
  for (const char* name : {"precious", "link", "none"}) remove_holder(top.path(name));
  CHECK(access(top.path("precious/deep/thesis").c_str(), F_OK) == 0);
  CHECK(access(top.path("link").c_str(), F_OK) == 0);
}

TEST_CASE("a holder goes with all in it, and not by way of links") {
  const TemporaryDirectory top;
  top.directory("away");
  top.file("away/kept");
  REQUIRE(make(top.path(".wfr.1")));
  top.directory(".wfr.1/a/b/c");
  top.file(".wfr.1/a/b/c/f");
  top.link(".wfr.1/a/link", top.path("away"));
  remove_holder(top.path(".wfr.1"));
  CHECK(access(top.path(".wfr.1").c_str(), F_OK) != 0);
  CHECK(access(top.path("away/kept").c_str(), F_OK) == 0);
}

TEST_CASE("where the name is taken another one is used, and found again") {
  const TemporaryDirectory top;
  std::string foreign;
  CHECK(holder_in(top.path("."), ".wfr.1", foreign) == top.path("./.wfr.1"));
  CHECK(foreign.empty());
  top.directory(".wfr.1", 0700);
  const std::string first = holder_in(top.path("."), ".wfr.1", foreign);
  CHECK(first != holder_in(top.path("."), ".wfr.1", foreign));
  CHECK(foreign == top.path("./.wfr.1"));
  REQUIRE(make(first));
  CHECK(holder_in(top.path("."), ".wfr.1", foreign) == first);
}

TEST_CASE("who may exchange what is in a directory") {
  const TemporaryDirectory top;
  const auto may = [&](const std::string& name) { return others_may_exchange(top.path(name)); };
  top.directory("own/d");
  CHECK_FALSE(may("own/d"));
  top.directory("wide/d");
  top.directory("wide", 0777);
  CHECK(may("wide"));
  CHECK(may("wide/d"));
  top.directory("sticky/d");
  top.directory("sticky", 01777);
  CHECK_FALSE(may("sticky/d"));
  top.directory("group/d");
  top.directory("group", 0775);
  if (!top.give("group", geteuid())) return;
  // A group with the number of its only user.
  CHECK(may("group/d") == (getegid() != geteuid()));
  if (geteuid() != 0) {
    WARN("not root: directories of others are tested by security.* only");
    return;
  }
  REQUIRE(chown(top.path("group").c_str(), 0, 100) == 0);
  top.directory("group/e");
  CHECK(others_may_exchange(top.path("group")));
  REQUIRE(top.give("own", kOther));
  CHECK(others_may_exchange(top.path("own")));
}
