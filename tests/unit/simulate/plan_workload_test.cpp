// What the simulation and the table make of a plan.
#include "compiler/slurm/plan_workload.hpp"

#include "compiler/slurm/demand.hpp"
#include "compiler/slurm/forecast.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using test::Example;
using test::kChannel;
using test::kSession;

// Two sessions of three channels: split -> filter (channel) -> gather, and a finalizer of each
// kind.
struct Small : Example {
  Small() : Example(2, 3) {
    split = step("split", kSession);
    filter = step("filter", kChannel);
    refine = step("refine", kChannel);
    gather = step("gather", kSession);
    edge(split, filter, kSession);
    edge(filter, refine, kChannel);
    edge(refine, gather, kSession);
    finalizer("mourn", wfr::FinalizerKind::Failure);
    finalizer("cheer", wfr::FinalizerKind::Success);
    for (StepDef& each : workflow.steps) {
      each.spec.resources.time_s = 3600;
      each.spec.resources.cpus = 2;
    }
    workflow.site.max_cpus = 4;
    workflow.site.max_nodes = 2;
  }
  StepId split{}, filter{}, refine{}, gather{};
};

wfr::Plan lowered(Example& example) {
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  REQUIRE_FALSE(sink.has_errors());
  return plan;
}

TEST_CASE("every array, the verdict, and the finalizers that run after success") {
  Small small;
  const wfr::Plan plan = lowered(small);
  const std::vector<TaskTime> times = task_times(small.workflow, {});
  const PlanWorkload planned = plan_workload(small.workflow, plan, times);
  std::vector<std::string> names;
  for (const PlannedArray& array : planned.arrays) names.push_back(array.name);
  CHECK(names == std::vector<std::string>{
                     "01-split", "02-filter", "03-refine", "04-gather", "05-verdict", "07-cheer"});
  const std::vector<SimArray>& arrays = planned.workload.arrays;
  CHECK(arrays[1].size == 6);
  CHECK(arrays[1].cpus == 2);
  CHECK(arrays[1].run_of(5) == 3'600'000);
  REQUIRE(arrays[2].after.size() == 1);
  CHECK(arrays[2].after[0].wait == SimWait::SameElement);
  CHECK(arrays[4].after.size() == 4);
  CHECK(arrays[5].after[0].on == 4);
}

TEST_CASE("indices that are missing are matched by their number") {
  Small small;
  small.only(small.refine, {true, false, true, false, false, true});
  const wfr::Plan plan = lowered(small);
  const PlanWorkload planned = plan_workload(small.workflow, plan, task_times(small.workflow, {}));
  CHECK(planned.workload.arrays[2].after[0].match == std::vector<std::uint32_t>{0, 2, 5});
}

TEST_CASE("an estimate is preferred to records, records to the time asked for") {
  Small small;
  small.workflow.steps[1].estimate_s = 5;
  small.workflow.steps[3].spec.was = "collect";
  small.workflow.steps[5].spec.resources.time_s = 0;
  const std::vector<TaskTime> times = task_times(
      small.workflow, {{"filter", {9, 7.5}}, {"refine", {6, 1.25}}, {"collect", {1, 2}}});
  CHECK(times[0].from == TimeFrom::Asked);
  CHECK(times[0].seconds == 3600);
  CHECK(times[1].from == TimeFrom::Estimate);
  CHECK(times[1].seconds == 5);
  CHECK(times[2].from == TimeFrom::Records);
  CHECK(times[2].seconds == 1.25);
  CHECK(times[2].records == 6);
  CHECK(times[3].seconds == 2);
  CHECK(times[5].from == TimeFrom::Assumed);
}

TEST_CASE("demand counts tasks, jobs, core-hours and the critical path") {
  Small small;
  small.workflow.steps[1].estimate_s = 600;
  const wfr::Plan plan = lowered(small);
  const std::vector<TaskTime> times = task_times(small.workflow, {});
  const Demand demand =
      demand_of(small.workflow, plan, times, plan_workload(small.workflow, plan, times));
  CHECK(demand.tasks == 16);
  CHECK(demand.jobs == 19);
  CHECK(demand.submissions == 7);
  // 16 tasks of two cpus and one finalizer, an hour each, and a quarter of an hour of the verdict.
  CHECK(demand.asked_core_s == 17 * 2 * 3600 + 900);
  CHECK(demand.expected_core_s == Approx(11 * 2 * 3600 + 6 * 2 * 600 + kVerdictTaskSeconds));
  CHECK(demand.knows_time);
  CHECK(demand.critical_path.seconds == 3 * 3600 + 600);
  CHECK(demand.critical_path.steps ==
        std::vector<StepId>{small.split, small.filter, small.refine, small.gather});
  std::vector<std::string> rows;
  for (const DemandRow& row : demand.rows) rows.push_back(row.name);
  CHECK(
      rows ==
      std::vector<std::string>{
          "01-split", "02-filter", "03-refine", "04-gather", "05-verdict", "06-mourn", "07-cheer"});
  CHECK(demand.doubts.empty());
}

TEST_CASE("an estimate above the time asked for is doubtful") {
  Small small;
  small.workflow.steps[0].estimate_s = 4000;
  const wfr::Plan plan = lowered(small);
  const std::vector<TaskTime> times = task_times(small.workflow, {});
  const Demand demand =
      demand_of(small.workflow, plan, times, plan_workload(small.workflow, plan, times));
  CHECK(demand.doubts.size() == 1);
}

TEST_CASE("chunks of a family are one row, and chunk waits for chunk") {
  Small small;
  small.workflow.site.max_array_size = 4;
  const wfr::Plan plan = lowered(small);
  const std::vector<TaskTime> times = task_times(small.workflow, {});
  const PlanWorkload planned = plan_workload(small.workflow, plan, times);
  const Demand demand = demand_of(small.workflow, plan, times, planned);
  CHECK(demand.rows[1].chunks == std::vector<std::uint32_t>{4, 2});
  CHECK(demand.rows[1].jobs == 6);
  CHECK(demand.submissions == 9);
  CHECK(simulate(planned.workload, {2, 4, 0}, SimTiming{}).stuck.empty());
}

TEST_CASE("the forecast uses the site's nodes, or says what it assumes") {
  Small small;
  const wfr::Plan plan = lowered(small);
  const PlanWorkload planned = plan_workload(small.workflow, plan, task_times(small.workflow, {}));
  Forecast known = forecast(small.workflow, planned, std::nullopt);
  CHECK(known.cluster.nodes == 2);
  CHECK(known.cluster.cpus == 4);
  CHECK(known.assumptions.size() == 1);  // memory
  // Four at once: split, three waves of filter and refine, gather, cheer.
  CHECK(known.run.makespan > 6 * 3'600'000);
  CHECK(known.run.makespan < 6 * 3'600'000 + 120'000);
  CHECK(known.steps.size() == 5);
  CHECK(known.steps[1].begin > known.steps[0].end);
  CHECK(known.used == Approx(known.allocated).epsilon(0.01));
  small.workflow.site.max_cpus = 0;
  small.workflow.site.max_nodes = 0;
  known = forecast(small.workflow, planned, std::nullopt);
  CHECK(known.cluster.nodes == kAssumedNodes);
  CHECK(known.cluster.cpus == kAssumedCpus);
  CHECK(known.assumptions.size() == 3);
  CHECK(forecast(small.workflow, planned, 3U).cluster.nodes == 3);
}

TEST_CASE("one job of everything keeps the machine's cpus busy in the order of the scheduler") {
  Small small;
  small.workflow.site.local = true;
  Sink sink;
  const wfr::Plan plan = [&] {
    std::vector<PassNote> notes;
    return lower(small.workflow,
                 small.graph,
                 partition_whole(small.workflow, small.graph),
                 "../data",
                 notes,
                 sink);
  }();
  const std::vector<TaskTime> times = task_times(small.workflow, {});
  const wfr::Budget machine{4, 0};
  const PlanWorkload planned = local_workload(small.workflow, plan, times, machine);
  REQUIRE(planned.arrays.size() == 2);
  // Two at a time: splits, three waves of filters, three of refines, gathers.
  CHECK(planned.profiles[0].run == 8 * 3'600'000);
  CHECK(planned.profiles[0].work_cpu_ms == std::int64_t{32} * 3'600'000);
  const Forecast result = local_forecast(planned, machine);
  CHECK(result.run.makespan == 9 * 3'600'000);
  CHECK(result.used == Approx((32.0 + 2) / 36));
  CHECK(result.steps[1].begin == 3'600'000);
}

}  // namespace
}  // namespace wfc
