// Files that are opened with care: kinds, sizes, links. Links of other users need root to be made;
// they are also in tests/security.
#include "runtime/files/read_file.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path =
      fs::canonical(fs::temp_directory_path()) / ("wfc_files_test." + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path / name).string();
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return *this / name;
  }
};

// What is said of a file that cannot be read; "" when it can.
std::string problem_of(const std::string& path, const std::string& base, std::uint64_t most) {
  std::string why;
  const bool good = read_file(path, base, most, why).has_value();
  CHECK(good == why.empty());
  return why;
}

constexpr uid_t kOther = 61002;
constexpr uid_t kThird = 61003;

TEST_CASE("a regular file is read whole, up to its limit") {
  const Folder folder;
  std::string why;
  CHECK(read_file(folder.file("a", "text"), folder / "a", 4, why) == "text");
  CHECK(read_file(folder.file("empty", ""), "", 0, why) == "");
  // It has no size before it is read.
  CHECK(read_file("/proc/self/status", "/", kMostText, why).value_or("").starts_with("Name:"));
  CHECK(problem_of("/proc/self/status", "/", 100).ends_with("at most 0.0 MiB are read"));
  CHECK(problem_of(folder / "none", "", 4) == "No such file or directory");
}

TEST_CASE("a file that is too large is not read at all") {
  const Folder folder;
  const std::string large = folder.file("large", "");
  fs::resize_file(large, std::uint64_t{2} << 30U);
  CHECK(problem_of(large, "", kMostSheet) == "it has 2.0 GiB; at most 1.0 GiB are read");
  CHECK(problem_of(large, "", kMostText) == "it has 2.0 GiB; at most 64.0 MiB are read");
}

TEST_CASE("what is no file is named at once") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(problem_of(folder / "fifo", "", kMostText) == "it is a FIFO, not a file");
  CHECK(problem_of(folder.path, "", kMostText) == "it is a directory, not a file");
  CHECK(problem_of("/dev/zero", "/dev/zero", kMostText) == "it is a device, not a file");
  fs::create_symlink("/dev/zero", folder / "link");
  CHECK(problem_of(folder / "link", "", kMostText) == "it is a device, not a file");
}

TEST_CASE("the user's own links are followed, also in a circle of directories") {
  const Folder folder;
  REQUIRE_FALSE(folder.file("a", "text").empty());
  fs::create_directory(folder / "d");
  fs::create_symlink("..", folder / "d/up");
  fs::create_symlink(folder / "d", folder / "absolute");
  std::string why;
  CHECK(read_file(folder / "absolute/up/d/up/./a", folder.path, 4, why) == "text");
  CHECK(foreign_link_problem(folder / "absolute/up/a", folder.path).empty());
  fs::create_symlink("loop", folder / "loop");
  CHECK(problem_of(folder / "loop", "", 4) == "Too many levels of symbolic links");
  fs::create_symlink("nothing", folder / "broken");
  CHECK(problem_of(folder / "broken", "", 4) == "No such file or directory");
  CHECK_FALSE(foreign_link(folder / "broken", ""));
}

TEST_CASE("a link of another user is followed only to what is his own") {
  if (::geteuid() != 0) {
    WARN("only root can make links of others: not checked");
    return;
  }
  const Folder folder;
  const std::string mine = folder.file("mine", "mine");
  const std::string his = folder.file("his", "his");
  REQUIRE(::chown(his.c_str(), kOther, kOther) == 0);
  REQUIRE(::chown(mine.c_str(), kThird, kThird) == 0);
  fs::create_directory(folder / "d");
  const auto link = [&](const std::string& target, const std::string& name, uid_t owner) {
    fs::create_symlink(target, folder / name);
    REQUIRE(::lchown((folder / name).c_str(), owner, owner) == 0);
  };
  link("../his", "d/own", kOther);
  link("../mine", "d/foreign", kOther);
  link("foreign", "d/behind", 0);
  link(".", "d/dot", kOther);
  link("own", "d/third", kThird);

  CHECK_FALSE(foreign_link(folder / "d/own", folder.path));
  const auto found = foreign_link(folder / "d/foreign", folder.path);
  REQUIRE(found);
  CHECK(found->path == folder / "d/foreign");
  CHECK(found->owner == kOther);
  CHECK(found->target_owner == kThird);
  CHECK(foreign_link(folder / "d/behind", folder.path)->path == folder / "d/foreign");
  // Root's directory is not his.
  CHECK(foreign_link(folder / "d/dot/own", folder.path)->path == folder / "d/dot");
  CHECK(foreign_link(folder / "d/third", folder.path)->owner == kThird);
  // What the user has chosen himself is his affair.
  CHECK_FALSE(foreign_link(folder / "d/foreign", folder / "d/foreign"));
  CHECK_FALSE(foreign_link(folder / "d/dot/own", folder / "d/dot"));

  std::string why;
  CHECK_FALSE(read_file(folder / "d/foreign", folder.path, 4, why));
  CHECK(why == "it goes through the link `" + folder / "d/foreign" +
                   "`, which belongs to user 61002 and leads to what belongs to user 61003; "
                   "replace it by a link of your own, or by what it leads to");
  CHECK(read_file(folder / "d/own", folder.path, 4, why) == "his");

  std::optional<ForeignLink> stopped;
  CHECK_FALSE(open_directory(folder / "d/dot", folder.path, stopped));
  CHECK(stopped);
  const Descriptor directory(::open((folder / "d").c_str(), O_RDONLY | O_DIRECTORY));
  CHECK(foreign_link_at(directory.get(), "foreign", folder / "d/foreign"));
  CHECK_FALSE(foreign_link_at(directory.get(), "own", folder / "d/own"));
}

}  // namespace
}  // namespace wfr
