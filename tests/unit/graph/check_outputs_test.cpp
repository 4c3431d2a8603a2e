// Two tasks with one output path: found wherever it is, and never where it is not.
#include "compiler/graph/symbolic_path.hpp"
#include "compiler/tree/paths.hpp"
#include "tests/unit/graph/fixture.hpp"

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
    CHECK(reports_of(workflow) ==
          Lines{"WFC3101: `a` and `b` both make `session01/array02/channel3/x.h5`"});
  }
  SECTION("a directory spelt out that no level matches") {
    add_step(workflow, "b", kSession, {"array02/channel9/x.h5"});
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

TEST_CASE("values of a sheet may make one path out of two") {
  Workflow workflow = empty_workflow();
  wfc::LevelDef& level = add_values(workflow, "sample", {});
  level.source = wfc::LevelSource::File;
  level.columns = {"group"};
  level.rows = {{"s1", "g"}, {"s2", "./g"}, {"s3", "h"}};
  add_step(workflow, "a", level_id(1), {"../{sample.group}.txt"});
  CHECK(reports_of(workflow) ==
        Lines{"WFC3101: two tasks of `a` make `g.txt`: in `s1` and in `s2`"});
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
    CHECK(sink.has_errors() == truth);
    shared += truth ? 1 : 0;
  }
  // Both answers were asked for.
  CHECK(shared > 20);
  CHECK(shared < 380);
}
