// The job arrays of later passes: who is in them, what they wait for, what they ask for.
#include "compiler/slurm/passes.hpp"

#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

wfr::Plan lowered(Example& example) {
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  for (const Diagnostic& diagnostic : sink.all()) UNSCOPED_INFO(diagnostic.message);
  REQUIRE_FALSE(sink.has_errors());
  return plan;
}

void grow(Example& example, StepId step, std::uint32_t times, std::uint64_t mem_mb = 1000) {
  wfr::StepSpec& spec = example.workflow.steps[wfr::index_of(step)].spec;
  spec.resources.mem_mb = mem_mb;
  spec.retry = {times, {}, 200, 0};
}

// MB of each array of a later pass.
std::string amounts(const wfr::Plan& plan) {
  std::string text;
  for (const wfr::JobArray& array : plan.arrays) {
    if (array.repeats()) text += std::to_string(array.job.mem_mb) + " ";
  }
  return text;
}

std::string retry_notes(const Example& example) {
  std::string text;
  for (const PassNote& note : example.notes) {
    if (note.pass == "retry") text += note.text + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a pass has the step that grows and what comes after it") {
  Example example(2, 3);
  const StepId before = example.step("before", kSession);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kSession);
  const StepId beside = example.step("beside", kSession);
  example.edge(before, a, kSession);
  example.edge(a, b, kChannel);
  example.edge(b, c, kSession);
  example.edge(before, beside, kSession);
  grow(example, a, 2);
  CHECK(describe(lowered(example)) ==
        "01-before: 0-1\n"
        "02-a: 0-5 afterany:01-before\n"
        "03-b: 0-5 aftercorr:02-a\n"
        "04-c: 0-1 afterany:03-b\n"
        "05-beside: 0-1 aftercorr:01-before\n"
        "02-a.pass2: 0-5 afterany:02-a\n"
        "03-b.pass2: 0-5 afterany:03-b afterany:02-a.pass2\n"
        "04-c.pass2: 0-1 afterany:04-c afterany:03-b.pass2\n"
        "02-a.pass3: 0-5 afterany:02-a.pass2\n"
        "03-b.pass3: 0-5 afterany:03-b.pass2 afterany:02-a.pass3\n"
        "04-c.pass3: 0-1 afterany:04-c.pass2 afterany:03-b.pass3\n");
}

TEST_CASE("a pass waits for the producers of what was cancelled early") {
  // A failure of `a` cancels `c` while `b` may still run.
  Example example(1, 2);
  const StepId a = example.step("a", wfr::kRootLevel);
  const StepId b = example.step("b", wfr::kRootLevel);
  const StepId c = example.step("c", wfr::kRootLevel);
  example.edge(a, c, wfr::kRootLevel);
  example.edge(b, c, wfr::kRootLevel);
  grow(example, a, 1);
  CHECK(describe(lowered(example)) ==
        "01-a: plain\n02-b: plain\n03-c: plain afterok:01-a afterok:02-b\n"
        "01-a.pass2: plain afterany:01-a\n"
        "03-c.pass2: plain afterany:02-b afterany:03-c afterany:01-a.pass2\n");
}

TEST_CASE("a pass has as many jobs as directories, few, and no more than the step's limit") {
  Example example(5, 8);
  const StepId a = example.step("a", kChannel);
  grow(example, a, 1);
  SECTION("few") {
    CHECK(describe(lowered(example)) == "01-a: 0-39\n01-a.pass2: 0-15 afterany:01-a\n");
  }
  SECTION("limit") {
    example.workflow.steps[0].spec.limit = 3;
    CHECK(describe(lowered(example)) == "01-a: 0-39%3\n01-a.pass2: 0-2 afterany:01-a\n");
  }
  SECTION("chunks") {
    example.workflow.site.max_array_size = 30;
    CHECK(describe(lowered(example)) ==
          "01-a: 0-29\n01-a.1: 0-9 from 30\n01-a.pass2: 0-15 afterany:01-a afterany:01-a.1\n");
  }
}

TEST_CASE("a pass asks for more, up to what the site has") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  grow(example, a, 3);
  CHECK(amounts(lowered(example)) == "2000 4000 8000 ");
  CHECK(retry_notes(example).find("`01-a.pass3` runs again what was short of memory or time, with "
                                  "4000 MB\n") != std::string::npos);
}

TEST_CASE("a partition's memory ends the ladder, with a note") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  grow(example, a, 3);
  example.workflow.site.max_mem_mb = 3000;
  CHECK(amounts(lowered(example)) == "2000 3000 ");
  const std::string notes = retry_notes(example);
  CHECK(notes.find("with 3000 MB, not 4000 MB: site `test` has no more\n") != std::string::npos);
  CHECK(notes.find("no pass after pass 3: site `test` has no larger jobs\n") != std::string::npos);
}

TEST_CASE("where memory is asked for by cpus, a node's cpus are the ceiling") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  grow(example, a, 3);
  example.workflow.site.memory = MemoryPolicy::Cpus;
  example.workflow.site.mem_per_cpu_mb = 500;
  example.workflow.site.max_cpus = 8;
  const wfr::Plan plan = lowered(example);
  CHECK(amounts(plan) == "2000 4000 ");
  CHECK(request_of(example.workflow.site, plan.arrays[1].job, {}).cpus == 4);
  CHECK(request_of(example.workflow.site, plan.arrays[2].job, {}).cpus == 8);
}

TEST_CASE("a growing time asks for a longer job; without anything to grow there is a note") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  wfr::StepSpec& spec = example.workflow.steps[wfr::index_of(a)].spec;
  spec.retry = {1, {}, 0, 300};
  SECTION("time") {
    spec.resources.time_s = 600;
    const wfr::Plan plan = lowered(example);
    REQUIRE(plan.arrays.size() == 2);
    CHECK(plan.arrays[1].job.time_s == 1800);
  }
  SECTION("nothing") {
    spec.resources.time_s = 0;
    CHECK(lowered(example).arrays.size() == 1);
    CHECK(retry_notes(example).find("has nothing that could grow") != std::string::npos);
  }
}

}  // namespace wfc::test
