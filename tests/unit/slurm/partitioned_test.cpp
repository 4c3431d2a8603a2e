// Arrays of packed and placed families.
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

wfr::Plan lowered(const Example& example) {
  Sink sink;
  JobGraph jobs = partition(example.workflow, example.graph, sink);
  std::vector<PassNote> notes;
  wfr::Plan plan = lower(example.workflow, example.graph, std::move(jobs), "../data", notes, sink);
  CHECK(sink.all().empty());
  return plan;
}

}  // namespace

TEST_CASE("a limit counts tasks, however many of them share a job") {
  Example example(4, 6);
  const StepId filter = example.step("filter", kChannel);
  StepDef& step = example.workflow.steps[wfr::index_of(filter)];
  step.spec.limit = 6;
  CHECK(lowered(example).arrays[0].limit == 6);
  example.workflow.jobs.per = kSession;
  SECTION("one after the other in a job") {
    CHECK(lowered(example).arrays[0].limit == 6);
  }
  SECTION("two at a time") {
    example.workflow.jobs.cpus = 2;
    CHECK(lowered(example).arrays[0].limit == 3);
  }
  SECTION("as many as are allowed") {
    example.workflow.jobs.cpus = 16;
    CHECK(lowered(example).arrays[0].limit == 1);
  }
  SECTION("as many as a node may run of which nobody knows the size") {
    step.slurm.exclusive = true;
    CHECK(lowered(example).arrays[0].limit == 1);
  }
  SECTION("the strictest step") {
    const StepId sort = example.step("sort", kChannel);
    example.edge(filter, sort, kChannel);
    example.workflow.steps[wfr::index_of(sort)].spec.limit = 2;
    CHECK(lowered(example).arrays[0].limit == 2);
  }
}

TEST_CASE("arrays of packed and placed families") {
  Example example(3, 4);
  const StepId split = example.step("split", kSession);
  const StepId filter = example.step("filter", kChannel);
  const StepId sort = example.step("sort", kChannel);
  example.edge(split, filter, kSession);
  example.edge(filter, sort, kChannel);
  SECTION("packed") {
    example.workflow.jobs.pack = 5;
    const wfr::Plan plan = lowered(example);
    REQUIRE(plan.arrays.size() == 3);
    CHECK(plan.arrays[0].size() == 1);
    CHECK(plan.arrays[1].size() == 3);
    CHECK(plan.families[1].block_map == plan.families[2].block_map);
  }
  SECTION("placed") {
    example.workflow.jobs.per = kSession;
    const wfr::Plan plan = lowered(example);
    REQUIRE(plan.arrays.size() == 1);
    CHECK(plan.arrays[0].name == "01-split-to-sort");
    CHECK(plan.arrays[0].after.empty());
  }
}

}  // namespace wfc::test
