// The scan: levels from the disk, from lists and from sheets.
#include "compiler/tree/scan.hpp"

#include "tests/unit/tree/fixture.hpp"

#include <catch2/catch.hpp>

using wfc::LevelSource;
using wfc::Sink;
using wfc::Workflow;
using wfc::test::AsOrdinaryUser;
using wfc::test::directories;
using wfc::test::level_id;
using wfc::test::Lines;
using wfc::test::reports;
using wfc::test::TemporaryDirectory;

namespace {

// session01 has two arrays, session02 none, sessioneye one; files and others are no level's.
void make_sessions(const TemporaryDirectory& disk) {
  disk.make("session01/array02/channel001");
  disk.make("session01/array01");
  disk.make("session02");
  disk.make("sessioneye/array01");
  disk.make("notes");
  disk.make(".session00");
  disk.write("session03", "a file");
}

Workflow sessions_and_arrays() {
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  wfc::test::add_match(workflow, "array", "array*");
  return workflow;
}

}  // namespace

TEST_CASE("levels are read from the disk, sorted within the parent") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  Sink sink;
  const wfr::Tree tree = wfc::scan(sessions_and_arrays(), disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(1)) == Lines{"session01", "session02", "sessioneye"});
  CHECK(directories(tree, level_id(2)) ==
        Lines{"session01/array01", "session01/array02", "sessioneye/array01"});
  CHECK(tree.descendants(level_id(1), {1, 2}, level_id(2)).empty());
  CHECK(tree.level(level_id(2)).name == "array");
}

TEST_CASE("one directory can hold several levels") {
  const TemporaryDirectory disk;
  disk.make("session01/array01");
  disk.make("session01/camera1");
  disk.make("session01/camera2");
  Workflow workflow = sessions_and_arrays();
  wfc::test::add_match(workflow, "camera", "camera*", level_id(1));
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) == Lines{"session01/array01"});
  CHECK(directories(tree, level_id(3)) == Lines{"session01/camera1", "session01/camera2"});
}

TEST_CASE("only and exclude trim what matches") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  Workflow workflow = sessions_and_arrays();
  workflow.levels[1].only = {"/.*[0-9]/", "sessioneye"};
  workflow.levels[1].exclude = {"*02"};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(directories(tree, level_id(1)) == Lines{"session01", "sessioneye"});
}

TEST_CASE("leaf directories are not opened") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  std::filesystem::permissions(disk.path() / "session01", std::filesystem::perms::none);
  Sink sink;
  {
    const AsOrdinaryUser ordinary;
    const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
    CHECK(tree.level(level_id(1)).size() == 3);
  }
  std::filesystem::permissions(disk.path() / "session01", std::filesystem::perms::owner_all);
  CHECK(reports(sink).empty());
}

TEST_CASE("values are below every parent, sorted") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session0*");
  wfc::test::add_values(workflow, "seed", {"b", "a", "c10", "c9"}).exclude = {"b"};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) == Lines{"session01/a",
                                                "session01/c10",
                                                "session01/c9",
                                                "session02/a",
                                                "session02/c10",
                                                "session02/c9"});
}

TEST_CASE("a sheet gives names and columns") {
  const TemporaryDirectory disk;
  Workflow workflow = wfc::test::empty_workflow();
  wfc::LevelDef& level = wfc::test::add_values(workflow, "sample", {});
  level.source = LevelSource::File;
  level.columns = {"group", "age"};
  level.rows = {{"s2", "control", "41"}, {"s1", "case", ""}};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(1)) == Lines{"s1", "s2"});
  const wfr::Level& samples = tree.level(level_id(1));
  REQUIRE(samples.columns.size() == 2);
  CHECK(samples.columns[0].name == "group");
  CHECK(samples.columns[0].values.at(0) == "case");
  CHECK(samples.columns[0].values.at(1) == "control");
  CHECK(samples.columns[1].values.at(0).empty());
  CHECK(samples.columns[1].values.at(1) == "41");
}

TEST_CASE("a sheet with a column named as a level above says where each row belongs") {
  const TemporaryDirectory disk;
  disk.make("site_a");
  disk.make("site_b");
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "site", "site_*");
  wfc::LevelDef& level = wfc::test::add_values(workflow, "sample", {});
  level.source = LevelSource::File;
  level.file = "samples.csv";
  level.columns = {"site", "age"};
  level.rows = {{"s1", "site_b", "1"}, {"s1", "site_a", "2"}, {"s3", "site_c", "3"}};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(directories(tree, level_id(2)) == Lines{"site_a/s1", "site_b/s1"});
  CHECK(tree.level(level_id(2)).columns[1].values.at(0) == "2");
  CHECK(reports(sink) == Lines{"WFC2508: `site_c` is not a directory of level `site`"});
}

TEST_CASE("a row below what only and exclude leave out is no mistake") {
  const TemporaryDirectory disk;
  for (const char* site : {"site_a", "site_b"}) disk.make(site);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "site", "site_*").only = {"site_a"};
  wfc::LevelDef& level = wfc::test::add_values(workflow, "sample", {});
  level.source = LevelSource::File;
  level.columns = {"site"};
  level.rows = {{"s1", "site_a"}, {"s2", "site_b"}};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(directories(tree, level_id(2)) == Lines{"site_a/s1"});
  CHECK(reports(sink).empty());
  // Nobody has taken this one away.
  level.rows.push_back({"s3", "site_x"});
  wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink) == Lines{"WFC2508: `site_x` is not a directory of level `site`"});
}

TEST_CASE("directories without children are counted, but not those of which all are left out") {
  const TemporaryDirectory disk;
  for (const char* path : {"s1/t1", "s2/t2", "s3/other", "s4"}) disk.make(path);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "s", "s*");
  wfc::test::add_match(workflow, "t", "t*").exclude = {"t2"};
  Sink sink;
  CHECK(directories(wfc::scan(workflow, disk.path(), sink), level_id(2)) == Lines{"s1/t1"});
  CHECK(reports(sink, true) ==
        Lines{"WFC2082: 2 of 4 directories of level `s` have no `t`: `s3`, `s4`"});
}

TEST_CASE("a listed name that differs from a directory's only in case or Unicode form") {
  const TemporaryDirectory disk;
  for (const char* name : {"Sub01", "zoe\xcc\x88", "b", "B"}) disk.make(name);
  Workflow workflow = wfc::test::empty_workflow();
  const std::string where = "` in `" + disk.path().string() + "` only in ";
  const auto check = [&](const char* name) {
    workflow.levels.resize(1);
    wfc::test::add_values(workflow, "s", {name});
    Sink sink;
    wfc::scan(workflow, disk.path(), sink);
    return reports(sink);
  };
  CHECK(check("sub01") ==
        Lines{"WFC2081: `sub01` differs from the directory `Sub01" + where + "case"});
  CHECK(check("zo\xc3\xab") == Lines{"WFC2081: `zo\xc3\xab` differs from the directory "
                                     "`zoe\xcc\x88" +
                                     where + "its Unicode form"});
  CHECK(check("b").empty());
  CHECK(check("sub1").empty());
}

TEST_CASE("a row of a sheet without a directory is an error where a level below is looked up") {
  const TemporaryDirectory disk;
  disk.make("treated/t1");
  Workflow workflow = wfc::test::empty_workflow();
  wfc::LevelDef& level = wfc::test::add_values(workflow, "s", {});
  level.source = LevelSource::File;
  level.rows = {{"treated"}, {"treted"}};
  wfc::test::add_match(workflow, "t", "t*");
  Sink sink;
  wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink) == Lines{"WFC2087: there is no directory `treted` in `" +
                               disk.path().string() + "`, so it has no `t`"});
  CHECK(sink.all().front().help == "did you mean `treated`?");
}

TEST_CASE("a name in only that is not there is said, one in exclude if another is near") {
  const TemporaryDirectory disk;
  for (const char* name : {"s1", "sample2"}) disk.make(name);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "s", "s*");
  workflow.levels[1].only = {"s1", "x*", "smaple2"};
  workflow.levels[1].exclude = {"out", "s2", "S1"};
  Sink sink;
  wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink) == Lines{"WFC2086: `only` of level `s` names `smaple2`, which does not exist",
                               "WFC2086: `exclude` of level `s` names `S1`, which does not exist"});
  CHECK(sink.all().front().help == "did you mean `sample2`?");
}

TEST_CASE("a name given twice below one directory is an error") {
  const TemporaryDirectory disk;
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_values(workflow, "seed", {"a", "b", "a"});
  Sink sink;
  wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink) == Lines{"WFC2504: `a` is named twice in `" + disk.path().string() + "`"});
}

TEST_CASE("a level without any directory is an error that says where was looked") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  Workflow workflow = sessions_and_arrays();
  Sink sink;
  SECTION("one directory was looked in") {
    workflow.levels[1].match = "Session*";
    wfc::scan(workflow, disk.path(), sink);
    CHECK(reports(sink) == Lines{"WFC2501: level `session` matches no directory: there is no "
                                 "`Session*` in `" +
                                 disk.path().string() + "`"});
    CHECK(sink.all().front().help.find("`notes`") != std::string::npos);
  }
  SECTION("several were") {
    workflow.levels[2].match = "probe*";
    wfc::scan(workflow, disk.path(), sink);
    CHECK(reports(sink) ==
          Lines{"WFC2501: level `array` matches no directory: there is no `probe*` in any of 3 "
                "directories, the first is `" +
                disk.path().string() + "/session01`"});
  }
  SECTION("exclude took all") {
    workflow.levels[1].exclude = {"*"};
    wfc::scan(workflow, disk.path(), sink);
    CHECK(reports(sink) ==
          Lines{"WFC2501: `only` and `exclude` of level `session` leave none of 3 directories"});
  }
}

TEST_CASE("a root that is no directory is an error") {
  const TemporaryDirectory disk;
  disk.write("file");
  Sink sink;
  const wfr::Tree tree = wfc::scan(sessions_and_arrays(), disk.path() / "nowhere", sink);
  CHECK(reports(sink) ==
        Lines{"WFC9101: data root `" + disk.path().string() + "/nowhere` does not exist"});
  CHECK(tree.level(level_id(2)).size() == 0);
  Sink other;
  wfc::scan(sessions_and_arrays(), disk.path() / "file", other);
  CHECK(reports(other) == Lines{"WFC9101: cannot use the data root `" + disk.path().string() +
                                "/file`: it is not a directory"});
}

TEST_CASE("an unreadable directory is an error") {
  const TemporaryDirectory disk;
  make_sessions(disk);
  std::filesystem::permissions(disk.path() / "session02", std::filesystem::perms::none);
  Sink sink;
  {
    const AsOrdinaryUser ordinary;
    wfc::scan(sessions_and_arrays(), disk.path(), sink);
  }
  std::filesystem::permissions(disk.path() / "session02", std::filesystem::perms::owner_all);
  CHECK(reports(sink) == Lines{"WFC9102: cannot read the directory `" + disk.path().string() +
                               "/session02`: Permission denied"});
}
