// Symbolic links in the tree: followed, but not in circles and not to a directory that is there
// already.
#include "compiler/tree/scan.hpp"
#include "tests/unit/tree/fixture.hpp"

#include <catch2/catch.hpp>

using wfc::Sink;
using wfc::Workflow;
using wfc::test::directories;
using wfc::test::level_id;
using wfc::test::Lines;
using wfc::test::reports;
using wfc::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

Workflow two_levels() {
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  wfc::test::add_match(workflow, "array", "array*");
  return workflow;
}

}  // namespace

TEST_CASE("a link to a directory elsewhere is a directory") {
  const TemporaryDirectory disk;
  disk.make("archive/old/array01");
  disk.make("data/session02/array05");
  disk.write("archive/file");
  fs::create_directory_symlink(disk.path() / "archive/old", disk.path() / "data/session01");
  fs::create_symlink(disk.path() / "archive/file", disk.path() / "data/session03");
  fs::create_symlink("nowhere", disk.path() / "data/session04");
  Sink sink;
  const wfr::Tree tree = wfc::scan(two_levels(), disk.path() / "data", sink);
  CHECK(reports(sink) == Lines{"WFC2083: a symbolic link is broken, and is left out: `" +
                               disk.path().string() + "/data/session04`"});
  CHECK(directories(tree, level_id(1)) == Lines{"session01", "session02"});
  CHECK(directories(tree, level_id(2)) == Lines{"session01/array01", "session02/array05"});
}

TEST_CASE("a link back up is an error") {
  const TemporaryDirectory disk;
  disk.make("data/session01/array01");
  const std::string data = (disk.path() / "data").string();
  const std::string tail = "` leads back to a directory above it";
  Sink sink;
  SECTION("to its own directory") {
    fs::create_directory_symlink(".", disk.path() / "data/session01/array02");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) ==
          Lines{"WFC2502: the symbolic link `" + data + "/session01/array02" + tail});
  }
  SECTION("to the root") {
    fs::create_directory_symlink("..", disk.path() / "data/session01/array02");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) ==
          Lines{"WFC2502: the symbolic link `" + data + "/session01/array02" + tail});
  }
  SECTION("to above the root") {
    fs::create_directory_symlink(disk.path(), disk.path() / "data/session02");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) == Lines{"WFC2502: the symbolic link `" + data + "/session02" + tail});
  }
  SECTION("to itself") {
    fs::create_symlink("session02", disk.path() / "data/session02");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) ==
          Lines{"WFC2502: the symbolic link `" + data + "/session02` leads back to itself"});
  }
  SECTION("many of them are told once") {
    for (const char* name : {"array02", "array03", "array04", "array05", "array06"}) {
      fs::create_directory_symlink("..", disk.path() / "data/session01" / name);
    }
    wfc::scan(two_levels(), disk.path() / "data", sink);
    const Lines told = reports(sink);
    REQUIRE(told.size() == 4);
    CHECK(told.back() == "WFC2502: 2 more symbolic links lead back to a directory above them");
  }
}

TEST_CASE("an excluded link is not looked at") {
  const TemporaryDirectory disk;
  disk.make("session01/array01");
  fs::create_directory_symlink(".", disk.path() / "session_loop");
  Workflow workflow = two_levels();
  workflow.levels[1].exclude = {"session_*"};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(1)) == Lines{"session01"});
}

TEST_CASE("one directory under two names is an error") {
  const TemporaryDirectory disk;
  disk.make("data/session01/array01");
  disk.make("data/session02");
  disk.make("elsewhere/array07");
  const std::string data = (disk.path() / "data").string();
  Sink sink;
  SECTION("a link to a neighbour") {
    fs::create_directory_symlink("session02", disk.path() / "data/session_latest");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) == Lines{"WFC2503: `" + data +
                                 "/session_latest` is a symbolic link to the same directory as `" +
                                 data + "/session02`"});
  }
  SECTION("a link into another directory of the tree") {
    fs::create_directory_symlink("../session01/array01", disk.path() / "data/session02/array09");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    CHECK(reports(sink) ==
          Lines{"WFC2503: `" + data +
                "/session02/array09` is a symbolic link to the same directory as `" + data +
                "/session01/array01`"});
  }
  SECTION("two links to one place") {
    fs::create_directory_symlink("../elsewhere", disk.path() / "data/session03");
    fs::create_directory_symlink("../elsewhere", disk.path() / "data/session04");
    wfc::scan(two_levels(), disk.path() / "data", sink);
    REQUIRE(reports(sink).size() == 1);
    CHECK(reports(sink)[0].find("WFC2503") == 0);
  }
}
