// The retry ladder: amounts of a pass, and what a pass runs again. Seen to fail: with a mends()
// that says yes to every failure, and with tasks of one step that wait for each other looked at by
// their index.
#include "runtime/plan/rungs.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/lost.hpp"
#include "runtime/run/pass_tasks.hpp"
#include "runtime/run/slurm_log.hpp"
#include "tests/unit/run/ladder_fixture.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace {

StepSpec hungry(std::uint32_t times, std::vector<FailureKind> on = {}) {
  StepSpec step;
  step.resources.mem_mb = 1000;
  step.resources.time_s = 600;
  step.retry = {times, std::move(on), 200, 0};
  return step;
}

}  // namespace

TEST_CASE("a pass has the factor of the one before, up to the ceiling") {
  const StepSpec step = hungry(3);
  CHECK(rung_of(step, 1, {}).mem_mb == 1000);
  CHECK(rung_of(step, 2, {}).mem_mb == 2000);
  CHECK(rung_of(step, 4, {}).mem_mb == 8000);
  CHECK(rung_of(step, 4, {3000, 0}).mem_mb == 3000);
  CHECK(rung_of(step, 1, {500, 0}).mem_mb == 1000);
  CHECK(rung_of(step, 4, {}).time_s == 600);
  CHECK(grown(7, 150, 2) == 11);  // rounded up
  CHECK(grown(1, 100000, 9) == std::uint64_t{1} << 44U);
  CHECK(last_pass_of(step, {}) == 4);
  CHECK(last_pass_of(step, {3000, 0}) == 3);
  CHECK(last_pass_of(step, {1000, 0}) == 1);
  CHECK(last_pass_of(hungry(1000), {}) == kMostPasses);
  CHECK(last_pass_of(hungry(3, {FailureKind::Exit}), {}) == 1);
}

TEST_CASE("what more memory mends is not tried again in place") {
  const RetrySpec retry{2, {FailureKind::OutOfMemory, FailureKind::Timeout}, 200, 0};
  CHECK(escalates(retry, FailureKind::OutOfMemory));
  CHECK_FALSE(may_retry(retry, FailureKind::OutOfMemory, 0));
  CHECK(may_retry(retry, FailureKind::Timeout, 0));
  CHECK_FALSE(may_retry(retry, FailureKind::Timeout, 2));
  CHECK_FALSE(may_retry(retry, FailureKind::Exit, 0));
  const StepSpec step = hungry(2, {FailureKind::OutOfMemory, FailureKind::Node});
  CHECK(mends(step, FailureKind::OutOfMemory, 3, {}));
  CHECK_FALSE(mends(step, FailureKind::OutOfMemory, 4, {}));
  CHECK_FALSE(mends(step, FailureKind::Timeout, 2, {}));
  CHECK_FALSE(mends(step, FailureKind::Exit, 2, {}));
  CHECK(mends(step, FailureKind::Node, 2, {}));
  CHECK(mends(step, FailureKind::Lost, 2, {}));
  CHECK_FALSE(mends(step, FailureKind::OutOfMemory, 2, {1000, 0}));
}

TEST_CASE("a pass runs what it may mend, and what waits for that") {
  const Workspace space;
  const Plan plan = small_plan(space);
  Slots slots(plan, space);
  slots.all_done();
  CHECK(slots.chosen(2).empty());
  slots.set(kOne, 1, Verdict::Failed, FailureKind::OutOfMemory);
  slots.set(kTwo, 1, Verdict::UpstreamFailed);
  slots.set(kAll, 0, Verdict::UpstreamFailed);
  CHECK(slots.chosen(2) == "one:c2 two:c2 all ");
  CHECK(slots.chosen(3) == "one:c2 two:c2 all ");
  CHECK(slots.chosen(4).empty());
  // The machine has no more: nothing to hope for.
  CHECK(slots.chosen(2, {100, 0}).empty());
  // Another failure that stays keeps the gather out, not the rest.
  slots.set(kOne, 2, Verdict::Failed, FailureKind::Exit);
  slots.set(kTwo, 2, Verdict::UpstreamFailed);
  CHECK(slots.chosen(2) == "one:c2 two:c2 ");
  // The next pass, after the first has been mended and its consumers were cancelled unstarted.
  slots.all_done();
  slots.set(kOne, 1, Verdict::Done);
  slots.set(kTwo, 1, Verdict::None);
  slots.set(kAll, 0, Verdict::None);
  CHECK(slots.chosen(3) == "two:c2 all ");
}

TEST_CASE("a pass follows the tasks of one step that wait for each other, whatever their order") {
  const Workspace space;
  Plan plan = small_plan(space);
  // c3 -> c1 -> c2 of the first step.
  plan.graph.edges.push_back({kOne, kOne, kRootLevel, EdgeKind::Data});
  set_pairs(plan.graph, plan.graph.edges.back(), {{2, 0}, {0, 1}});
  Slots slots(plan, space);
  slots.all_done();
  slots.set(kOne, 2, Verdict::Failed, FailureKind::OutOfMemory);
  slots.set(kOne, 0, Verdict::UpstreamFailed);
  slots.set(kOne, 1, Verdict::UpstreamFailed);
  for (TaskIndex i = 0; i < 3; ++i) slots.set(kTwo, i, Verdict::UpstreamFailed);
  slots.set(kAll, 0, Verdict::UpstreamFailed);
  CHECK(slots.chosen(2) == "one:c1 one:c2 one:c3 two:c1 two:c2 two:c3 all ");
  // What cannot be mended holds back all behind it.
  slots.set(kOne, 2, Verdict::Failed, FailureKind::Exit);
  CHECK(slots.chosen(2).empty());
}

TEST_CASE("a pass runs what was made before its producer, and what its own requeue has stopped") {
  const Workspace space;
  const Plan plan = small_plan(space);
  Slots slots(plan, space);
  slots.all_done();
  slots.set(kOne, 0, Verdict::Done);  // made again since
  CHECK(slots.chosen(2) == "two:c1 all ");
  slots.all_done();
  slots.set(kOne, 0, Verdict::Cancelled, FailureKind::Cancelled);
  CHECK(slots.chosen(2) == "one:c1 two:c1 all ");
  slots.all_done();
  slots.set(kOne, 0, Verdict::Cancelled);  // by a person
  CHECK(slots.chosen(2).empty());
}

TEST_CASE("shares of a later pass are whole blocks, each in one share") {
  const Workspace space;
  Plan plan = small_plan(space);
  plan.maps = {{LevelId{1}, all_nodes(LevelId{1}, 3), {}}};
  plan.families = {{{kOne, kTwo}, 0, {}}};
  JobArray array;
  array.pass = 2;
  array.indices = {{0, 2}};
  CHECK(tasks_of_share(plan, array, 0) ==
        StepRanges{{kOne, {{0, 1}, {2, 3}}}, {kTwo, {{0, 1}, {2, 3}}}});
  CHECK(tasks_of_share(plan, array, 1) == StepRanges{{kOne, {{1, 2}}}, {kTwo, {{1, 2}}}});
}
