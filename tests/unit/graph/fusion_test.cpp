// `fuse`: chains of one level in one job.
#include "tests/unit/graph/partition_text.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

// split (session) -> low -> spectrum, split -> high -> sort (channel) -> units (array)
class Chains : public Recordings {
 public:
  Chains() : Recordings(2, 3) {
    split = step("split", kSession);
    low = step("low", kChannel);
    spectrum = step("spectrum", kChannel);
    high = step("high", kChannel);
    sort = step("sort", kChannel);
    units = step("units", kArray);
    need(low, split);
    need(spectrum, low);
    need(high, split);
    need(sort, high);
    need(units, sort);
  }
  StepId split, low, spectrum, high, sort, units;
};

}  // namespace

TEST_CASE("chains of one level are fused when asked for") {
  Chains data;
  data.workflow.jobs.fuse = true;
  CHECK(data.families() ==
        "split: session x 2\nlow spectrum: channel x 12\nhigh sort: channel x 12\n"
        "units: array x 4\n");
  data.def(data.sort).spec.resources.cpus = 5;
  data.def(data.high).spec.resources.mem_mb = 4000;
  const JobGraph jobs = data.partition();
  CHECK(jobs.families[2].job.cpus == 5);
  CHECK(jobs.families[2].job.mem_mb == 4000);
}

TEST_CASE("a step is taken out, or put in") {
  Chains data;
  SECTION("the later one") {
    data.workflow.jobs.fuse = true;
    data.def(data.sort).fuse = false;
  }
  SECTION("the earlier one") {
    data.workflow.jobs.fuse = true;
    data.def(data.high).fuse = false;
  }
  SECTION("only one is put in") {
    data.def(data.spectrum).fuse = true;
  }
  CHECK(data.families() ==
        "split: session x 2\nlow spectrum: channel x 12\nhigh: channel x 12\n"
        "sort: channel x 12\nunits: array x 4\n");
}

TEST_CASE("no job waits for more because of fusion") {
  Chains data;
  data.workflow.jobs.fuse = true;
  // sort also waits for the spectrum, which high does not.
  data.need(data.sort, data.spectrum);
  CHECK(data.families() ==
        "split: session x 2\nlow spectrum: channel x 12\nhigh: channel x 12\n"
        "sort: channel x 12\nunits: array x 4\n");
  CHECK_THAT(data.notes(), Catch::Contains("it also waits for `spectrum`, and `high` does not"));
}

TEST_CASE("a diamond is fused whole") {
  Recordings data(1, 2);
  const StepId a = data.step("a", kChannel);
  const StepId b = data.step("b", kChannel);
  const StepId c = data.step("c", kChannel);
  const StepId d = data.step("d", kChannel);
  data.need(b, a);
  data.need(c, a);
  data.need(d, b);
  data.need(d, c);
  data.workflow.jobs.fuse = true;
  CHECK(data.families() == "a b c d: channel x 4\n");
  // Not over the boundary of the directory.
  data.need(d, a).via = kArray;
  CHECK(data.families() == "a b c: channel x 4\nd: channel x 4\n");
}

TEST_CASE("fusion stops at what a job has only one of, and at the site's time") {
  Chains data;
  data.workflow.jobs.fuse = true;
  SECTION("conda") {
    data.def(data.sort).spec.environment.conda = "mountainlab";
  }
  SECTION("limit") {
    data.def(data.sort).spec.limit = 4;
  }
  SECTION("time") {
    data.workflow.site.max_time_s = 7200;
    data.def(data.high).spec.resources.time_s = 3600;
    data.def(data.sort).spec.resources.time_s = 3601;
  }
  CHECK(data.families() ==
        "split: session x 2\nlow spectrum: channel x 12\nhigh: channel x 12\n"
        "sort: channel x 12\nunits: array x 4\n");
}

TEST_CASE("fusion leaves placed families alone") {
  Chains data;
  data.workflow.jobs.fuse = true;
  data.def(data.high).job_level = kArray;
  CHECK(data.families() ==
        "split: session x 2\nlow spectrum: channel x 12\nhigh: array x 4\n"
        "sort: channel x 12\nunits: array x 4\n");
}

}  // namespace wfc::test
