// Two tasks with one output path: found wherever it is, and never where it is not.
#include "compiler/graph/symbolic_path.hpp"
#include "compiler/tree/paths.hpp"
#include "tests/unit/graph/fixture.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;

namespace {

Lines reports_of(const Workflow& workflow) {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Sink sink;
  expand_on(disk, workflow, sink);
  return reports(sink);
}

// Every path of every task, one by one: the slow truth.
bool has_shared_output(const Workflow& workflow, const wfr::Tree& tree) {
  std::map<std::string, int> times;
  for (const wfc::StepDef& step : workflow.steps) {
    for (const wfr::OutputSpec& output : step.spec.outputs) {
      for (wfr::Ordinal node = 0; node < tree.level(output.fan).size(); ++node) {
        const wfr::Ordinal task = tree.ancestor(output.fan, node, step.spec.each);
        const std::string path =
            wfc::join_path(tree.directory(step.spec.each, task),
                           wfc::expand_at(tree, output.path, output.fan, node));
        if (++times[std::filesystem::path(path).lexically_normal().string()] > 1) return true;
      }
    }
  }
  return false;
}

}  // namespace

TEST_CASE("outputs in the tasks' own directories are apart") {
  Workflow workflow = recordings_workflow();
  add_step(workflow, "a", kChannel, {"x.h5", "y.h5"});
  add_step(workflow, "b", kArray, {"x.h5", "{channel}/z.h5"});
  add_step(workflow, "c", kSession, {"x.h5", "logs/x.h5"});
  add_step(workflow, "d", wfr::kRootLevel, {"x.h5"});
  CHECK(reports_of(workflow).empty());
}

TEST_CASE("two steps with one output") {
  Workflow workflow = recordings_workflow();
  add_step(workflow, "a", kChannel, {"y.h5", "x.h5"});
  SECTION("at the same level") {
    add_step(workflow, "b", kChannel, {"./x.h5"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: `a` and `b` both make `session01/array01/channel1/x.h5`"});
  }
  SECTION("from above") {
    add_step(workflow, "b", kSession, {"{array}/{channel}/x.h5"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: `a` and `b` both make `session01/array01/channel1/x.h5`"});
  }
  SECTION("a directory spelt out that a level matches") {
    add_step(workflow, "b", kSession, {"array02/channel3/x.h5"});
    // session02 has no array02 yet.
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: `a` and `b` both make `session01/array02/channel3/x.h5`",
                "WFC3044: `b` makes the directory `channel3`, which level `channel` would take for "
                "data",
                "WFC3044: `b` makes the directory `array02`, which level `array` would take for "
                "data"});
  }
  SECTION("a directory spelt out that no level matches") {
    add_step(workflow, "b", kSession, {"plots/channel9/x.h5"});
    CHECK(reports_of(workflow).empty());
  }
  SECTION("in different directories by where") {
    const StepId b = add_step(workflow, "b", kChannel, {"x.h5"});
    workflow.steps[0].where.push_back({kSession, "", {"session01"}, {}});
    workflow.steps[wfr::index_of(b)].where.push_back({kSession, "", {"session02"}, {}});
    CHECK(reports_of(workflow).empty());
  }
}

TEST_CASE("two tasks of one step with one output") {
  Workflow workflow = recordings_workflow();
  SECTION("the path does not name the channel") {
    add_step(workflow, "a", kChannel, {"../x.h5"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: two tasks of `a` make `session01/array01/x.h5`: in "
                "`session01/array01/channel1` and in `session01/array01/channel2`"});
  }
  SECTION("one task makes it for two channels") {
    add_step(workflow, "a", kSession, {"{channel}.h5", "{array}.h5"});
    CHECK(reports_of(workflow).empty());
    add_step(workflow, "b", wfr::kRootLevel, {"{array}.txt"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: a task of `b` makes twice `array01.txt`: for `session01/array01` and for "
                "`session02/array01`"});
  }
  SECTION("the path names it") {
    add_step(workflow, "a", kChannel, {"../{channel}.h5"});
    CHECK(reports_of(workflow).empty());
  }
  SECTION("the path names it, but not the array") {
    add_step(workflow, "a", kChannel, {"../../{channel}.h5"});
    CHECK(reports_of(workflow).empty());
  }
  SECTION("the path names neither array nor session") {
    add_step(workflow, "a", kChannel, {"../../../{channel}.h5"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: two tasks of `a` make `channel1.h5`: in "
                "`session01/array01/channel1` and in `session02/array01/channel1`"});
  }
  SECTION("an absolute path") {
    add_step(workflow, "a", kSession, {"/tmp/x.h5"});
    CHECK(reports_of(workflow) == Lines{"WFC3101: two tasks of `a` make `/tmp/x.h5`: in "
                                        "`session01` and in `session02`"});
  }
}

namespace {

// A level of samples whose one column is `value`.
Workflow samples(const std::vector<std::string>& values) {
  Workflow workflow = empty_workflow();
  wfc::LevelDef& level = add_values(workflow, "sample", {});
  level.source = wfc::LevelSource::File;
  level.file = "samples.csv";
  level.columns = {"value"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    level.rows.push_back({"s" + std::to_string(i + 1), values[i]});
    level.lines.push_back(static_cast<std::uint32_t>(i + 2));
  }
  return workflow;
}

}  // namespace

TEST_CASE("values of a sheet may make one path out of two") {
  Workflow workflow = samples({"g", "h", "g"});
  add_step(workflow, "a", wfr::kRootLevel, {"{sample.value}.txt"});
  CHECK(reports_of(workflow) == Lines{"WFC3101: a task of `a` makes twice `g.txt`: for `s1` "
                                      "(samples.csv:2) and for `s3` (samples.csv:4)"});
}

TEST_CASE("values of a sheet may put one output into another") {
  Workflow workflow = samples({"g", "g/x", "h"});
  add_step(workflow, "a", wfr::kRootLevel, {"{sample.value}"});
  CHECK(reports_of(workflow) ==
        Lines{"WFC3041: `g/x` of `a` (samples.csv:3) lies inside `g`, a file of `a` "
              "(samples.csv:2)"});
}

TEST_CASE("values of a sheet may not lead out of the task's directory") {
  Workflow workflow = samples({"", ".", "..", "sub/..", "/tmp/x", "../s1/y"});
  add_step(workflow, "a", level_id(1), {"{sample.value}"});
  CHECK(reports_of(workflow) ==
        Lines{"WFC3040: output `` of `a:s1` (samples.csv:2) is empty",
              "WFC3040: output `.` of `a:s2` (samples.csv:3) has an empty component",
              "WFC3040: output `..` of `a:s3` (samples.csv:4) leaves the task's directory",
              "WFC3040: 3 more outputs of `a` are not inside their task's directory"});
}

TEST_CASE("values of a sheet that are no names") {
  const std::string value = GENERATE(as<std::string>(),
                                     std::string("x\0y", 3),
                                     std::string("\n"),
                                     std::string("x/ /y"),
                                     std::string(256, 'x'));
  Workflow workflow = samples({value});
  add_step(workflow, "a", level_id(1), {"{sample.value}"});
  const Lines lines = reports_of(workflow);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("WFC3040: "));
}

TEST_CASE("a directory output and what lies in it") {
  Workflow workflow = recordings_workflow();
  add_step(workflow, "a", kSession, {"res/"});
  SECTION("of another step") {
    add_step(workflow, "b", kSession, {"res/sub.txt"});
  }
  SECTION("from above") {
    add_step(workflow, "b", wfr::kRootLevel, {"{session}/res/sub.txt"});
  }
  SECTION("a pattern") {
    add_step(workflow, "b", kSession, {"r*/sub.txt"});
  }
  const Lines lines = reports_of(workflow);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("WFC3041: "));
  CHECK(lines[0].find("lies inside `session01/res`, a directory of `a:session01`") !=
        std::string::npos);
}

TEST_CASE("patterns that have a name in common") {
  Workflow workflow = recordings_workflow();
  const StepId a = add_step(workflow, "a", kSession, {"x_*.csv"});
  SECTION("two patterns") {
    add_step(workflow, "b", kSession, {"*_1.csv"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3042: `a:session01` and `b:session01` may make the same file: "
                "`session01/x_*.csv` and `session01/*_1.csv`"});
  }
  SECTION("a pattern and a name") {
    add_step(workflow, "b", kSession, {"x_1.csv"});
    CHECK(reports_of(workflow) ==
          Lines{"WFC3042: `a:session01` and `b:session01` may make the same file: "
                "`session01/x_*.csv` and `session01/x_1.csv`"});
  }
  SECTION("of one step") {
    workflow.steps[wfr::index_of(a)].spec.outputs.push_back(
        {"", parse_path(workflow, "x_1.csv"), wfr::OutputKind::File, kSession, false});
    CHECK(reports_of(workflow).size() == 1);
  }
  SECTION("apart by their ends") {
    add_step(workflow, "b", kSession, {"x_*.txt"});
    CHECK(reports_of(workflow).empty());
  }
  SECTION("apart by where") {
    add_step(workflow, "b", kSession, {"*_1.csv"});
    workflow.steps[0].where.push_back({kSession, "", {"session01"}, {}});
    workflow.steps[1].where.push_back({kSession, "", {"session02"}, {}});
    CHECK(reports_of(workflow).empty());
  }
  SECTION("a name of a level with a star beside it") {
    Workflow values = empty_workflow();
    add_values(values, "v", {"x", "x_y"});
    add_step(values, "c", wfr::kRootLevel, {"{v}_*.csv"});
    CHECK(reports_of(values) ==
          Lines{"WFC3042: `c` and `c` may make the same file: `x_*.csv` and `x_y_*.csv`"});
  }
}

TEST_CASE("an output in the place of a level's directory") {
  Workflow workflow = recordings_workflow();
  SECTION("by its name") {
    add_step(workflow, "a", wfr::kRootLevel, {"session02/"});
  }
  SECTION("a file") {
    add_step(workflow, "a", kSession, {"array01"});
  }
  SECTION("by a pattern") {
    add_step(workflow, "a", wfr::kRootLevel, {"sess*"});
  }
  SECTION("by its placeholder") {
    add_step(workflow, "a", wfr::kRootLevel, {"{session}/"});
  }
  const Lines lines = reports_of(workflow);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("WFC3045: "));
}

TEST_CASE("a directory that a level would take") {
  Workflow workflow = recordings_workflow();
  wfc::LevelDef& level = workflow.levels[1];
  level.match = "*";
  const std::string path =
      GENERATE(as<std::string>(), "results/", "results/x.txt", "res*/x.txt", "a/b/c.txt");
  add_step(workflow, "a", wfr::kRootLevel, {path});
  SECTION("taken") {
    const Lines lines = reports_of(workflow);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("WFC3044: `a` makes the directory `"));
  }
  SECTION("excluded") {
    level.exclude = {"results", "res*", "a"};
    CHECK(reports_of(workflow).empty());
  }
  SECTION("a narrower match") {
    level.match = "session*";
    CHECK(reports_of(workflow).empty());
  }
}

TEST_CASE("what a level does not take") {
  Workflow workflow = recordings_workflow();
  workflow.levels[1].match = "*";
  SECTION("a file") {
    add_step(workflow, "a", wfr::kRootLevel, {"results.csv", "*.txt"});
  }
  SECTION("a hidden directory") {
    add_step(workflow, "a", wfr::kRootLevel, {".results/"});
  }
  SECTION("below the finest level") {
    add_step(workflow, "a", kChannel, {"results/"});
  }
  SECTION("in a directory that is there") {
    add_step(workflow, "a", wfr::kRootLevel, {"session01/x.txt", "{session}/y.txt"});
  }
  CHECK(reports_of(workflow).empty());
}

TEST_CASE("random outputs agree with the paths one by one") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  const std::vector<std::string> templates{"x.h5",
                                           "../x.h5",
                                           "../{session}-x.h5",
                                           "{array}/x.h5",
                                           "{array}/{channel}/x.h5",
                                           "../{array}.h5",
                                           "{array}-{channel}.h5",
                                           "array01/x.h5",
                                           "channel1/x.h5",
                                           "../../{channel}.h5",
                                           "session01/x.h5"};
  std::mt19937 random(2);
  int shared = 0;
  for (int round = 0; round < 400; ++round) {
    Workflow workflow = recordings_workflow();
    for (const char* const name : {"a", "b"}) {
      const wfc::LevelId each =
          level_id(static_cast<std::size_t>(std::uniform_int_distribution<int>(0, 3)(random)));
      const auto pick = std::uniform_int_distribution<std::size_t>(0, templates.size() - 1)(random);
      // Only paths that resolve would let through: inside the root, levels above or below the
      // step's.
      const auto path =
          wfc::symbolic_path(workflow.levels, each, parse_path(workflow, templates[pick]));
      if (path.leaves_root) continue;
      add_step(workflow, name, each, {templates[pick]});
    }
    Sink sink;
    const wfc::Expanded result = expand_on(disk, workflow, sink);
    const bool truth = has_shared_output(workflow, result.graph.tree);
    const Lines lines = reports(sink);
    const bool found = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
      return line.starts_with("WFC3101");
    });
    CHECK(found == truth);
    shared += truth ? 1 : 0;
  }
  // Both answers were asked for.
  CHECK(shared > 20);
  CHECK(shared < 380);
}
