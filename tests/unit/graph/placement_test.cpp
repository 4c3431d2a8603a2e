// `[jobs] per` and `job = LEVEL`.
#include "tests/unit/graph/partition_text.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

// split (session) -> low, high -> sort (channel) -> units (array) -> day (once)
class Classical : public Recordings {
 public:
  Classical() : Recordings(2, 3) {
    split = step("split", kSession);
    low = step("low", kChannel);
    high = step("high", kChannel);
    sort = step("sort", kChannel);
    units = step("units", kArray);
    day = step("day", wfr::kRootLevel);
    need(low, split);
    need(high, split);
    need(sort, high);
    need(units, sort);
    need(day, units);
    def(sort).spec.resources.cpus = 5;
  }
  StepId split, low, high, sort, units, day;
};

}  // namespace

TEST_CASE("one job runs all that lies at or below a directory") {
  Classical data;
  CHECK(data.families() ==
        "split: session x 2\nlow: channel x 12\nhigh: channel x 12\nsort: channel x 12\n"
        "units: array x 4\nday: root x 1\n");
  data.workflow.jobs.per = kArray;
  CHECK(data.families() == "split: session x 2\nlow high sort units: array x 4\nday: root x 1\n");
  const JobGraph jobs = data.partition();
  CHECK(jobs.families[1].job.cpus == 5);
  CHECK(jobs.families[0].job.cpus == 1);
  data.workflow.jobs.per = kSession;
  CHECK(data.families() == "split low high sort units: session x 2\nday: root x 1\n");
  data.workflow.jobs.per = wfr::kRootLevel;
  CHECK(data.families() == "split low high sort units day: root x 1\n");
}

TEST_CASE("a step says its own level of jobs") {
  Classical data;
  data.def(data.high).job_level = kArray;
  data.def(data.sort).job_level = kArray;
  CHECK(data.families() ==
        "split: session x 2\nlow: channel x 12\nhigh sort: array x 4\nunits: array x 4\n"
        "day: root x 1\n");
  data.workflow.jobs.per = kSession;
  // units waits for jobs of the arrays, so it is in a later job of the session.
  CHECK(data.families() ==
        "split low: session x 2\nhigh sort: array x 4\nunits: session x 2\nday: root x 1\n");
  CHECK_THAT(data.notes(), Catch::Contains("split -> high -> "));
}

TEST_CASE("what comes after a gather outside is in a later job of the same level") {
  Recordings data(2, 3);
  const StepId first = data.step("first", kChannel);
  const StepId gather = data.step("gather", kSession);
  const StepId second = data.step("second", kChannel);
  const StepId beside = data.step("beside", kChannel);
  data.need(gather, first);
  data.need(second, gather);
  data.need(second, first);
  data.need(beside, first);
  data.workflow.jobs.per = kArray;
  CHECK(data.families() == "first beside: array x 4\ngather: session x 2\nsecond: array x 4\n");
  CHECK_THAT(
      data.notes(),
      Catch::Contains("placement: second: not in the first job of one `array` directory: first "
                      "-> gather -> second leads through other jobs"));
}

TEST_CASE("two levels of jobs that would wait for each other are parted") {
  Recordings data(2, 3);
  const StepId a1 = data.step("a1", kChannel);
  const StepId b2 = data.step("b2", kChannel);
  const StepId b1 = data.step("b1", kChannel);
  const StepId a2 = data.step("a2", kChannel);
  data.need(b1, a1);
  data.need(a2, b2);
  for (const StepId a : {a1, a2}) data.def(a).job_level = kArray;
  for (const StepId b : {b1, b2}) data.def(b).job_level = kSession;
  // a1 a2 and b1 b2 would be a circle.
  CHECK(data.families() == "a1: array x 4\nb2 b1: session x 2\na2: array x 4\n");
}

TEST_CASE("a step that waits for a wider directory is in a later job") {
  Recordings data(1, 2);
  const StepId raw = data.step("raw", kChannel);
  const StepId average = data.step("average", kChannel);
  data.need(average, raw).via = kSession;
  data.workflow.jobs.per = kArray;
  CHECK(data.families() == "raw: array x 2\naverage: array x 2\n");
  CHECK_THAT(data.notes(), Catch::Contains("it waits for `raw` of the whole of one `session`"));
  data.workflow.jobs.per = kSession;
  CHECK(data.families() == "raw average: session x 1\n");
}

TEST_CASE("what a job has only one of parts steps") {
  Recordings data(1, 2);
  const StepId a = data.step("a", kChannel);
  const StepId b = data.step("b", kChannel);
  const StepId c = data.step("c", kChannel);
  data.need(b, a);
  data.need(c, b);
  data.workflow.jobs.per = kArray;
  SECTION("conda") {
    data.def(b).spec.environment.conda = "other";
  }
  SECTION("modules") {
    data.def(b).spec.environment.modules = {"GCC"};
  }
  SECTION("setup") {
    data.def(b).spec.environment.setup = "x";
  }
  SECTION("gpus") {
    data.def(b).spec.resources.gpus = "1";
  }
  SECTION("nodes") {
    data.def(b).spec.resources.nodes = 2;
  }
  SECTION("partition") {
    data.def(b).slurm.partition = "gpu";
  }
  SECTION("sbatch") {
    data.def(b).slurm.sbatch = {"--tmp=100M"};
  }
  CHECK(data.families() == "a: array x 2\nb: array x 2\nc: array x 2\n");
  CHECK_THAT(data.notes(), Catch::Contains("of `a` differs, and a job has only one"));
}

TEST_CASE("variables of the environment do not part steps") {
  Recordings data(1, 2);
  const StepId a = data.step("a", kChannel);
  data.step("b", kChannel);
  data.workflow.jobs.per = kArray;
  data.def(a).spec.environment.variables["THREADS"] = "1";
  CHECK(data.families() == "a b: array x 2\n");
}

TEST_CASE("only directories with work have a block") {
  Classical data;
  data.workflow.jobs.per = kArray;
  for (const StepId id : {data.low, data.high, data.sort, data.units}) {
    data.def(id).where.push_back({kSession, "", {"session2"}, {}});
  }
  const JobGraph jobs = data.partition();
  const wfr::BlockMap& map = jobs.maps[jobs.families[1].block_map];
  REQUIRE(map.blocks() == 2);
  CHECK(map.nodes.node_at(0) == 2);
}

}  // namespace wfc::test
