// What a job of several tasks asks for.
#include "compiler/graph/durations.hpp"
#include "tests/unit/graph/partition_text.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

// Twelve channels of an array: low (1 cpu, 10 min) and sort (4 cpus, 20 min).
class Array : public Recordings {
 public:
  Array() : Recordings(1, 12) {
    low = step("low", kChannel);
    sort = step("sort", kChannel);
    need(sort, low);
    def(low).spec.resources.time_s = 600;
    def(sort).spec.resources.time_s = 1200;
    def(sort).spec.resources.cpus = 4;
    workflow.jobs.per = kArray;
  }
  wfr::ResourceSpec job() { return partition().families[0].job; }
  StepId low, sort;
};

std::uint64_t minutes(std::uint64_t seconds) {
  return seconds / 60;
}

}  // namespace

TEST_CASE("the time of a job follows from its tasks") {
  Array data;
  CHECK(data.job().cpus == 4);
  // 12 * 10 / 4 + 12 * 20 + 30 minutes, and a fifth.
  CHECK(minutes(data.job().time_s) == 360);
  data.workflow.jobs.cpus = 8;
  // 12 * 10 / 8 + 12 * 20 / 2 + 30.
  CHECK(data.job().cpus == 8);
  CHECK(minutes(data.job().time_s) == 198);
  data.def(data.sort).spec.limit = 1;
  CHECK(minutes(data.job().time_s) == 342);
  data.workflow.jobs.cpus = 2;  // less than a step asks for
  CHECK(data.job().cpus == 4);
}

TEST_CASE("cpus of [jobs] bring the memory for the tasks that they run at once") {
  Array data;
  data.def(data.low).spec.resources.mem_mb = 1000;
  data.def(data.sort).spec.resources.mem_mb = 3000;
  CHECK(data.job().mem_mb == 3000);
  data.workflow.jobs.cpus = 8;
  // Eight of low, which are more than two of sort.
  CHECK(data.job().mem_mb == 8000);
  CHECK(minutes(data.job().time_s) == 198);
  data.workflow.jobs.cpus = 28;
  // Of low there are only twelve, of sort seven at once.
  CHECK(data.job().mem_mb == 21000);
  data.def(data.sort).spec.limit = 2;
  CHECK(data.job().mem_mb == 12000);
}

TEST_CASE("an exclusive job is sized by its node") {
  Array data;
  for (const StepId id : {data.low, data.sort}) {
    data.def(id).slurm.exclusive = true;
    data.def(id).spec.resources.mem_mb = 1000;
  }
  // Of unknown size: it asks for all memory, and its time is that on the cpus asked for.
  CHECK(data.job().cpus == 4);
  CHECK(data.job().mem_mb == 0);
  CHECK(minutes(data.job().time_s) == 360);
  data.workflow.site.max_cpus = 8;
  data.workflow.site.max_mem_mb = 64000;
  CHECK(data.job().cpus == 4);
  CHECK(data.job().mem_mb == 8000);
  CHECK(minutes(data.job().time_s) == 198);
  // Asked for by cpus it is that of a task, and comes with all cpus of the node.
  data.workflow.site.memory = MemoryPolicy::PerCpu;
  CHECK(data.job().mem_mb == 1000);
  CHECK(minutes(data.job().time_s) == 198);
  data.workflow.site.memory = MemoryPolicy::Mem;
  data.workflow.site.max_mem_mb = 5000;
  CHECK(data.job().mem_mb == 5000);
}

TEST_CASE("memory bounds what runs at once") {
  Array data;
  data.workflow.jobs.cpus = 8;
  data.workflow.site.max_mem_mb = 4000;
  data.def(data.low).spec.resources.mem_mb = 1000;
  data.def(data.sort).spec.resources.mem_mb = 4000;
  CHECK(data.job().mem_mb == 4000);
  // 12 * 10 / 4 + 12 * 20 / 1 + 30.
  CHECK(minutes(data.job().time_s) == 360);
  CHECK_THAT(data.notes(),
             Catch::Contains("memory, not cpus, bounds how many tasks of `low`, `sort`"));
  data.workflow.jobs.mem_mb = 8000;
  CHECK(data.job().mem_mb == 8000);
  CHECK(minutes(data.job().time_s) == 198);
}

TEST_CASE("estimates go before times, but no limit is below one task's") {
  Array data;
  data.def(data.low).estimate_s = 6;
  data.def(data.sort).estimate_s = 60;
  // (12 * 6 / 4 + 12 * 60 + 66) seconds are 13.4 minutes, and a fifth; one sort may take 20.
  CHECK(minutes(data.job().time_s) == 20);
  data.def(data.sort).estimate_s = 120;
  CHECK(minutes(data.job().time_s) == 31);
  data.workflow.jobs.time_s = 7200;
  CHECK(data.job().time_s == 7200);
  data.workflow.jobs.time_s = 0;
  data.def(data.low).spec.resources.time_s = 0;
  data.def(data.sort).spec.resources.time_s = 0;
  data.def(data.sort).estimate_s = 6;
  CHECK(minutes(data.job().time_s) == 5);
  data.def(data.low).spec.resources.time_s = 600;
  data.workflow.jobs.time_s = 0;
  data.def(data.sort).estimate_s = 0;
  data.def(data.sort).spec.resources.time_s = 0;
  CHECK(data.job().time_s == 0);
}

TEST_CASE("a job of one task is what its step says") {
  Recordings data(1, 2);
  const StepId only = data.step("only", kArray);
  data.def(only).spec.resources.time_s = 600;
  data.def(only).estimate_s = 20;
  data.workflow.jobs.cpus = 16;
  data.workflow.jobs.time_s = 7200;
  const wfr::ResourceSpec job = data.partition().families[0].job;
  CHECK(job.cpus == 1);
  CHECK(job.time_s == 600);
}

TEST_CASE("tasks that want the whole job run one at a time") {
  Recordings data(1, 6);
  const StepId train = data.step("train", kChannel);
  data.def(train).spec.resources.gpus = "1";
  data.def(train).spec.resources.time_s = 600;
  data.workflow.jobs.pack = 6;
  data.workflow.jobs.cpus = 16;
  const wfr::ResourceSpec job = data.partition().families[0].job;
  CHECK(job.gpus == "1");
  CHECK(job.cpus == 1);
  CHECK(minutes(job.time_s) == 72);
}

}  // namespace wfc::test
