// Which tasks one job executes.
#include "compiler/graph/partition.hpp"

#include "tests/unit/graph/by_step.hpp"
#include "tests/unit/graph/fixture.hpp"

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::JobGraph;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;

namespace {

// split each session; low and high each channel, in different sessions; a finalizer; a dropped
// step.
Workflow five_steps() {
  Workflow workflow = recordings_workflow();
  add_step(workflow, "split", kSession);
  const StepId low = add_step(workflow, "low", kChannel);
  const StepId high = add_step(workflow, "high", kChannel);
  const StepId notify = add_step(workflow, "notify", wfr::kRootLevel);
  const StepId unused = add_step(workflow, "unused", kArray);
  workflow.steps[wfr::index_of(low)].where.push_back({kArray, "", {"array02"}, {}});
  workflow.steps[wfr::index_of(low)].spec.resources.cpus = 4;
  workflow.steps[wfr::index_of(high)].where.push_back({kSession, "", {"session02"}, {}});
  workflow.steps[wfr::index_of(high)].spec.resources.mem_mb = 4096;
  workflow.steps[wfr::index_of(notify)].spec.finalizer = wfr::FinalizerKind::Always;
  workflow.steps[wfr::index_of(unused)].dropped = true;
  workflow.order = {StepId{0}, low, high, notify};
  return workflow;
}

}  // namespace

TEST_CASE("a family a step, and one block map a level") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Sink sink;
  const wfc::Expanded result = expand_on(disk, five_steps(), sink);
  REQUIRE(reports(sink).empty());
  const JobGraph jobs = partition_by_step(result.workflow, result.graph);
  REQUIRE(jobs.maps.size() == 2);
  CHECK(jobs.maps[0].blocks() == 3);
  // The union of channel3 and session02's channel1.
  CHECK(jobs.maps[1].level == kChannel);
  CHECK(jobs.maps[1].blocks() == 2);
  CHECK(jobs.maps[1].nodes.node_at(0) == 2);
  CHECK(jobs.maps[1].nodes.node_at(1) == 3);
  REQUIRE(jobs.families.size() == 3);
  CHECK(jobs.families[0].block_map == 0);
  CHECK(jobs.families[1].block_map == 1);
  CHECK(jobs.families[2].block_map == 1);
  CHECK(jobs.families[1].steps == std::vector<StepId>{StepId{1}});
  CHECK(jobs.families[1].job.cpus == 4);
}

TEST_CASE("everything in one job") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Sink sink;
  const wfc::Expanded result = expand_on(disk, five_steps(), sink);
  const JobGraph jobs = wfc::partition_whole(result.workflow, result.graph);
  REQUIRE(jobs.maps.size() == 1);
  CHECK(jobs.maps[0].level == wfr::kRootLevel);
  CHECK(jobs.maps[0].blocks() == 1);
  REQUIRE(jobs.families.size() == 1);
  CHECK(jobs.families[0].steps == std::vector<StepId>{StepId{0}, StepId{1}, StepId{2}});
  CHECK(jobs.families[0].job.cpus == 4);
  CHECK(jobs.families[0].job.mem_mb == 4096);
}
