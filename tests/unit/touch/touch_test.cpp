// Adopting results that exist: recorded as a run would have recorded them.
#include "runtime/run/touch.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/staleness.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

namespace wfr::test {
namespace {

namespace fs = std::filesystem;

// The sample's data as older scripts would have left it, without anything of the second session's
// gather.
struct Adopted {
  Adopted() {
    plan.root = "data";
    serialize_plan(plan);
    for (const std::string& session : session_names()) {
      write_file(data() / session / "raw.ns5", "recording");
    }
    for (const StepId step : {kSplit, kHighpass, kSort}) {
      for (TaskIndex i = 0; i < plan.graph.tasks(step).count; ++i) {
        for (const OutputPath& output : task_outputs(plan, {step, i})) {
          if (plan.step(step).outputs[output.spec].kind == OutputKind::Glob) continue;
          write_file(data() / output.path, "made long ago");
        }
        if (step == kSort) write_file(data() / task_directory(plan, {step, i}) / "a.log", "");
      }
    }
    write_file(data() / session_names()[0] / "all" / "x", "");
  }
  [[nodiscard]] fs::path data() const { return scratch.path() / "data"; }
  [[nodiscard]] std::vector<TouchRequest> everything() const {
    std::vector<TouchRequest> requests;
    // Not in topological order: that is touch()'s to know.
    for (const StepId step : {kGather, kSort, kHighpass, kSplit, kNeighbours}) {
      requests.push_back({step, {0, plan.graph.tasks(step).count}, false});
    }
    return requests;
  }
  ScratchDirectory scratch;
  Plan plan = sample_plan();
};

}  // namespace

TEST_CASE("a whole workflow is adopted in one call, and is then up to date", "[touch]") {
  const Adopted world;
  const TouchResult result = touch(world.plan, world.scratch.path(), world.everything());
  // neighbours declares no outputs; the second session's gather has made nothing.
  CHECK(result.recorded == 2 + 5 + 3 + 1);
  CHECK(result.left == 5 + 1);
  CHECK_THAT(result.reasons.front(), Catch::Contains("gather:session 02"));

  const StatePaths state = state_paths(world.scratch.path(), world.plan.hash);
  Staleness staleness(world.plan, world.scratch.path(), state);
  for (const StepId step : {kSplit, kHighpass, kSort}) {
    for (TaskIndex i = 0; i < world.plan.graph.tasks(step).count; ++i) {
      REQUIRE(staleness.look({step, i}).cause == Cause::Current);
    }
  }
  CHECK(staleness.look({kGather, 0}).cause == Cause::Current);
  CHECK(staleness.look({kGather, 1}).cause == Cause::NotRun);
  // The record says what the key was made of.
  const auto record = read_record(state.log_dir(), staleness.slot({kSort, 1}));
  REQUIRE(record);
  CHECK(record->verdict == Verdict::Done);
  CHECK(parse_parts(record->message));

  const TouchResult again = touch(world.plan, world.scratch.path(), world.everything());
  CHECK(again.recorded == 0);
  CHECK(again.up_to_date == result.recorded);
}

TEST_CASE("a task without all of its outputs, or behind one, is left", "[touch]") {
  const Adopted world;
  fs::remove(world.data() / task_outputs(world.plan, {kHighpass, 1})[0].path);
  const TouchResult result = touch(world.plan, world.scratch.path(), world.everything());
  const StatePaths state = state_paths(world.scratch.path(), world.plan.hash);
  const SlotFile highpass(state.slots(world.plan.step(kHighpass)), 5, false);
  CHECK(highpass.read(0).verdict == Verdict::Done);
  CHECK(highpass.read(1).verdict == Verdict::None);
  const SlotFile sort(state.slots(world.plan.step(kSort)), 3, false);
  CHECK(sort.read(0).verdict == Verdict::Done);
  CHECK(sort.read(1).verdict == Verdict::None);
  // highpass 1, sort 1, both gathers, and neighbours.
  CHECK(result.left == 1 + 1 + 2 + 5);
}

TEST_CASE("a step without outputs is believed when it is named", "[touch]") {
  const Adopted world;
  touch(world.plan, world.scratch.path(), world.everything());
  const TouchResult result = touch(world.plan, world.scratch.path(), {{kNeighbours, {1, 3}, true}});
  CHECK(result.recorded == 2);
  CHECK(result.left == 0);
}

}  // namespace wfr::test
