// What counts of files, links and directories, and digests of contents that are kept.
#include "runtime/run/path_state.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/content_digests.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <random>
#include <system_error>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>

using namespace wfr;
using namespace wfr::test;

namespace fs = std::filesystem;

namespace {

void set_time(const fs::path& file, std::int64_t seconds) {
  const timespec time{seconds, 0};
  const std::array<timespec, 2> both{time, time};
  REQUIRE(utimensat(AT_FDCWD, file.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) == 0);
}

void write_at(const fs::path& file, const std::string& text, std::int64_t seconds) {
  write_text(file, text);
  set_time(file, seconds);
}

struct stat stat_of(const fs::path& file) {
  struct stat info {};
  REQUIRE(stat(file.c_str(), &info) == 0);
  return info;
}

}  // namespace

TEST_CASE("the digest of a directory is that of every file in it") {
  const Workspace space;
  const fs::path top = space.data() / "store";
  write_at(top / "a/b/c", "1", 100);
  write_at(top / "d", "1", 100);
  const PathState before = state_of(top);
  REQUIRE(before.directory);
  CHECK(before.bytes == 2);
  write_at(top / "a/b/c", "1", 200);
  const PathState touched = state_of(top);
  CHECK_FALSE(touched.digest == before.digest);
  CHECK(touched.sizes == before.sizes);
  write_at(top / "a/b/c", "12", 100);
  CHECK_FALSE(state_of(top).sizes == before.sizes);
  write_at(top / "a/b/c", "1", 100);
  CHECK(state_of(top).digest == before.digest);
  fs::rename(top / "a/b/c", top / "a/b/e");
  CHECK_FALSE(state_of(top).digest == before.digest);
  fs::rename(top / "a/b/e", top / "a/b/c");
  write_at(top / ".wfr.1234/part", "x", 100);
  CHECK(state_of(top).digest == before.digest);
}

TEST_CASE("links count with what they say and where they lead, and no link is followed twice") {
  const Workspace space;
  const fs::path top = space.data() / "store";
  write_at(space.data() / "v1/f", "1", 100);
  write_at(space.data() / "v2/f", "1", 100);
  fs::create_directories(top);
  fs::create_symlink("../v1/f", top / "file");
  fs::create_symlink("../v1", top / "directory");
  fs::create_symlink(".", top / "itself");
  const PathState before = state_of(top);
  std::vector<std::string> files;
  state_of(top, stat_of(top), {}, &files);
  std::sort(files.begin(), files.end());
  const std::string name = top.string() + "/";
  CHECK(files ==
        std::vector<std::string>{name, name + "directory", name + "file", name + "itself"});
  set_time(top / "file", 500);
  CHECK(state_of(top).digest == before.digest);
  fs::remove(top / "file");
  fs::create_symlink("../v2/f", top / "file");
  CHECK_FALSE(state_of(top).digest == before.digest);
  CHECK(state_of(top).sizes == before.sizes);
  fs::remove(top / "file");
  fs::create_symlink("../v1/f", top / "file");
  CHECK(state_of(top).digest == before.digest);
  write_at(space.data() / "v1/f", "1", 200);
  CHECK_FALSE(state_of(top).digest == before.digest);
}

TEST_CASE("a directory that a link leads to first is listed all the same") {
  const Workspace space;
  const fs::path top = space.data() / "store";
  write_text(top / "z/f", "1");
  fs::create_symlink("z", top / "a");
  std::vector<std::string> files;
  state_of(top, stat_of(top), {}, &files);
  std::sort(files.begin(), files.end());
  const std::string name = top.string() + "/";
  CHECK(files == std::vector<std::string>{name, name + "a", name + "z/", name + "z/f"});
}

TEST_CASE("why nothing can be read at a path") {
  const Workspace space;
  fs::create_directories(space.data());
  const std::string link = (space.data() / "link").string();
  CHECK(absence_of(link) == "does not exist");
  fs::create_symlink("gone", link);
  CHECK(absence_of(link) == "is a broken link: `gone` does not exist");
  write_text(space.data() / "gone", "x");
  CHECK(absence_of(link).empty());
  fs::remove(link);
  fs::create_symlink("link", link);
  CHECK(absence_of(link) == "is a link that leads to itself");
}

TEST_CASE("a directory is walked once, by however many threads") {
  const Workspace space;
  const fs::path top = space.data() / "store";
  write_at(top / "f", "1", 100);
  DirectoryStates states;
  const struct stat info = stat_of(top);
  const Key before = states.of(top, info, {}).digest;
  write_at(top / "g", "1", 100);
  std::vector<std::thread> threads;
  std::atomic<int> same = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { same += states.of(top, info, {}).digest == before ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(same == 8);
}

TEST_CASE("contents are read again only when a file has changed") {
  const Workspace space;
  const fs::path file = space.data() / "f";
  const fs::path kept = space.out() / "digests";
  write_text(file, "one");
  const fs::path elsewhere = space.out() / "not/there";
  ContentDigests(elsewhere).of(file, stat_of(file));
  CHECK_FALSE(fs::exists(elsewhere.parent_path()));
  const Key one = ContentDigests(kept).of(file, stat_of(file));
  CHECK(ContentDigests("").of(file, stat_of(file)) == one);
  // What is kept is believed: another content with the stamp of the first has its digest.
  const struct stat before = stat_of(file);
  write_text(file, "two");
  CHECK(ContentDigests(kept).of(file, before) == one);
  const Key two = ContentDigests(kept).of(file, stat_of(file));
  CHECK_FALSE(two == one);
  fs::remove(file);
  write_text(file, "one");
  CHECK(ContentDigests(kept).of(file, stat_of(file)) == one);
  CHECK_THROWS_AS(ContentDigests(kept).of(space.data() / "gone", before), std::system_error);
}

TEST_CASE("a damaged row is no row, and rows of many processes are all read") {
  const Workspace space;
  const fs::path kept = space.out() / "digests";
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      ContentDigests digests(kept);
      for (int f = 0; f < 50; ++f) {
        const fs::path file = space.data() / (std::to_string(i) + "." + std::to_string(f));
        write_text(file, std::to_string(f));
        digests.of(file, stat_of(file));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(kept)) {
    bytes += entry.file_size();
    std::string text = read_text(entry.path());
    text[20] = static_cast<char>(text[20] + 1);
    write_text(entry.path(), text);
  }
  CHECK(bytes == 400 * 64);
  const fs::path file = space.data() / "0.7";
  CHECK(ContentDigests(kept).of(file, stat_of(file)) == ContentDigests("").of(file, stat_of(file)));
}

TEST_CASE("a path is matched as the disk would be") {
  CHECK(pattern_matches("*/x_*.csv", "a/x_1.csv"));
  CHECK_FALSE(pattern_matches("*/x_*.csv", "a/b/x_1.csv"));
  CHECK_FALSE(pattern_matches("*", ".hidden"));
  CHECK(pattern_matches("/a/**/x", "/a/x"));
  CHECK(pattern_matches("/a/**/x", "/a/b/c/x"));
  CHECK_FALSE(pattern_matches("/a/**/x", "/a/.b/x"));
  CHECK(pattern_matches("a/**", "a/b/c"));
  CHECK_FALSE(pattern_matches("a/**", "a"));
  CHECK(pattern_matches("a\\*/x", "a*/x"));
  CHECK_FALSE(pattern_matches("a\\*/x", "ab/x"));
  CHECK_FALSE(pattern_matches("a", "a/b"));
  CHECK_FALSE(pattern_matches("a/b", "a"));
}

TEST_CASE("two stars are any number of directories") {
  const Workspace space;
  const fs::path root = space.data();
  for (const char* file : {"a.x", "d/a.x", "d/e/a.x", "d/e/b.y", ".h/a.x", "d/.h/a.x", "d*/a.x"}) {
    write_text(root / file, "1");
  }
  fs::create_symlink("..", root / "d/up");
  using Files = std::vector<std::string>;
  CHECK(resolve_glob(root, "**/a.x") == Files{"a.x", "d*/a.x", "d/a.x", "d/e/a.x"});
  CHECK(resolve_glob(root, "**/**/a.x") == Files{"a.x", "d*/a.x", "d/a.x", "d/e/a.x"});
  CHECK(resolve_glob(root, "d/**/*.x") == Files{"d/a.x", "d/e/a.x"});
  CHECK(resolve_glob(root, "d/**") == Files{"d/a.x", "d/e/a.x", "d/e/b.y"});
  CHECK(resolve_glob(root, "**/e/**/b.y") == Files{"d/e/b.y"});
  CHECK(resolve_glob(root, "d\\*/**/a.x") == Files{"d*/a.x"});
  CHECK(resolve_glob(root, "nothing/**/a.x").empty());
  CHECK(resolve_glob("/", root.string() + "/**/b.y") == Files{root.string() + "/d/e/b.y"});
  // Within a name they are one star.
  CHECK(resolve_glob(root, "d/e/**.x") == Files{"d/e/a.x"});
}

TEST_CASE("a pattern goes through links, and into no directory within itself") {
  const Workspace space;
  const fs::path root = space.data();
  for (const char* file : {"a/x.txt", "a/y.txt", ".h/x.txt", "f.txt", "[q]/x.txt"}) {
    write_text(root / file, "1");
  }
  fs::create_symlink("a", root / "b");
  fs::create_symlink("nothing", root / "broken");
  using Files = std::vector<std::string>;
  CHECK(resolve_glob(root, "*/x.txt") == Files{"[q]/x.txt", "a/x.txt", "b/x.txt"});
  CHECK(resolve_glob(root, "[ab]/*.txt") == Files{"a/x.txt", "a/y.txt", "b/x.txt", "b/y.txt"});
  CHECK(resolve_glob(root, "\\[q]/?.txt") == Files{"[q]/x.txt"});
  CHECK(resolve_glob(root, "*") == Files{"[q]", "a", "b", "broken", "f.txt"});
  CHECK(resolve_glob(root, ".h/*") == Files{".h/x.txt"});
  CHECK(resolve_glob(root, "f.txt/*").empty());
  CHECK(resolve_glob(root, "a/../*/y.txt") == Files{"a/../a/y.txt", "a/../b/y.txt"});
  // With glob(3) these 120 links give 120^3 ways to one file.
  for (int i = 0; i < 120; ++i) fs::create_symlink(".", root / ("a/l" + std::to_string(i)));
  CHECK(resolve_glob(root, "a/*/*/*/x.txt").empty());
  CHECK(resolve_glob(root, "*/*.txt").size() == 5);
}

// As wfc looked for patterns before directories could be looked at only once.
std::vector<std::string> found_by_glob(const fs::path& root, const std::string& pattern) {
  const std::string prefix = root.string() + "/";
  glob_t matches{};
  std::vector<std::string> found;
  if (::glob((prefix + pattern).c_str(), GLOB_NOSORT, nullptr, &matches) == 0) {
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  for (std::string& path : found) path.erase(0, prefix.size());
  std::sort(found.begin(), found.end());
  return found;
}

TEST_CASE("without circles a pattern finds what glob(3) finds") {
  const Workspace space;
  const fs::path root = space.data();
  std::mt19937 random(7);
  const std::vector<std::string> names{"a", "ab", "b", ".h", "x[1", "-c", "a b"};
  const auto name = [&] { return names[random() % names.size()]; };
  for (int i = 0; i < 60; ++i) write_text(root / ("d" + name()) / name() / ("f" + name()), "");
  for (int i = 0; i < 30; ++i) {
    std::error_code taken;
    // Only to other names, so that nothing leads back.
    fs::create_symlink(root / ("d" + name()), root / ("l" + name()), taken);
    fs::create_symlink("f" + name(), root / ("d" + name()) / name() / ("g" + name()), taken);
    fs::create_symlink("nothing", root / ("d" + name()) / ("n" + name()), taken);
  }
  std::size_t matched = 0;
  for (const char* pattern :
       {"*",        "*/*",     "*/*/*",     "d*/a",       "?*/[ab]/f*", "l*/*/f?",
        "da/*/fab", "d\\a/*",  "*/.h/*",    "*/x[[]1/*",  "*/*[1/*",    "d-c/*/g*",
        "*/a b/*",  "*/[!a]*", "nothing/*", "da/fa/*",    "*/n*",       "da",
        "n*/a",     "*/*/*/*", "d*/./a",    "[d]*/.h/fa", "l?/../da/*"}) {
    INFO(pattern);
    const std::vector<std::string> found = resolve_glob(root, pattern);
    std::vector<std::string> expected = found_by_glob(root, pattern);
    CHECK(found == expected);
    matched += found.size();
  }
  CHECK(matched > 500);
}

TEST_CASE("links that lead to the same places again and again are an error, and no wait") {
  const Workspace space;
  const fs::path root = space.data();
  for (const char* from : {"0", "1", "2", "3"}) {
    fs::create_directories(root / from);
    const std::string next = "../" + std::to_string(from[0] - '0' + 1);
    for (int i = 0; i < 120; ++i) fs::create_symlink(next, root / from / std::to_string(i));
  }
  write_text(root / "4/x.txt", "1");
  GlobTrouble trouble;
  CHECK(resolve_glob(root, "0/*/*/x.txt", &trouble).empty());
  CHECK(trouble.error == 0);
  resolve_glob(root, "0/*/*/*/*/x.txt", &trouble);
  CHECK(trouble.error == ELOOP);
}

TEST_CASE("a pattern of an input finds nothing in the out directory") {
  const Workspace space;
  const fs::path root = fs::canonical(space.data()) / "root";
  for (const char* file : {"a.x", "out/b.x", "out/deep/c.x", "outer/d.x", "in/out/e.x"}) {
    write_text(root / file, "");
  }
  write_text(root.parent_path() / "out/f.x", "");
  using Files = std::vector<std::string>;
  const fs::path out = root / "out";
  CHECK(resolve_input_glob(root, "**/*.x", out) == Files{"a.x", "in/out/e.x", "outer/d.x"});
  CHECK(resolve_input_glob(root, "*", out) == Files{"a.x", "in", "outer"});
  CHECK(resolve_input_glob(root, "out/**", out).empty());
  CHECK(resolve_input_glob(root, (root / "o*/*.x").string(), out) ==
        Files{(root / "outer/d.x").string()});
  CHECK(resolve_input_glob(root, "../*/*.x", root.parent_path() / "out") == Files{"../root/a.x"});
  // None, or one around the data.
  CHECK(resolve_input_glob(root, "o*/*.x", {}) == Files{"out/b.x", "outer/d.x"});
  CHECK(resolve_input_glob(root, "o*/*.x", root.parent_path()) == Files{"out/b.x", "outer/d.x"});
  CHECK(resolve_input_glob(root, "../o*/*.x", root.parent_path()) == Files{"../out/f.x"});
}
