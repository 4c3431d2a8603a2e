// `pack`, `target_time`, and packing that nobody asked for.
#include "compiler/graph/packing.hpp"

#include "tests/unit/graph/partition_text.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

class Two : public Recordings {
 public:
  Two() : Recordings(5, 2) {
    filter = step("filter", kChannel);
    sort = step("sort", kChannel);
    need(sort, filter);
  }
  StepId filter, sort;
};

std::vector<Kind> kinds(const Sink& sink) {
  std::vector<Kind> found;
  for (const Diagnostic& diagnostic : sink.all()) found.push_back(diagnostic.kind);
  return found;
}

}  // namespace

TEST_CASE("a number of directories in a job") {
  Two data;
  data.workflow.jobs.pack = 3;
  CHECK(data.families() == "filter: channel x 7 / 3\nsort: channel x 7 / 3\n");
  const JobGraph jobs = data.partition();
  REQUIRE(jobs.maps.size() == 1);
  CHECK(jobs.maps[0].begin.back() == 20);
  CHECK(jobs.maps[0].begin[6] == 18);
  data.def(data.sort).pack = 1;
  CHECK(data.families() == "filter: channel x 7 / 3\nsort: channel x 20\n");
  data.workflow.jobs.pack = 100;
  CHECK(data.families() == "filter: channel x 1 / 20\nsort: channel x 20\n");
}

TEST_CASE("steps that are packed alike share their blocks, whatever they leave out") {
  Two data;
  data.workflow.jobs.pack = 4;
  data.def(data.sort).where.push_back({kSession, "", {"session1"}, {}});
  CHECK(data.families() == "filter: channel x 5 / 4\nsort: channel x 5 / 4\n");
}

TEST_CASE("as many directories as take the target time") {
  Two data;
  data.workflow.jobs.target_time_s = 3600;
  SECTION("not known") {
    data.def(data.filter).estimate_s = 40;
    data.families();
    CHECK(kinds(data.sink) == std::vector<Kind>{Kind::UnknownDuration});
  }
  SECTION("estimate, or time") {
    data.def(data.filter).estimate_s = 400;
    data.def(data.filter).spec.resources.time_s = 7200;
    data.def(data.sort).spec.resources.time_s = 1200;
    CHECK(data.families() == "filter: channel x 3 / 9\nsort: channel x 7 / 3\n");
    CHECK(data.sink.all().empty());
  }
  SECTION("with the cpus of the job") {
    data.workflow.jobs.cpus = 4;
    data.def(data.filter).estimate_s = 1800;
    data.def(data.sort).estimate_s = 1800;
    data.def(data.sort).spec.resources.cpus = 2;
    CHECK(data.families() == "filter: channel x 3 / 8\nsort: channel x 5 / 4\n");
  }
  SECTION("at least one") {
    data.def(data.filter).estimate_s = 36000;
    data.def(data.sort).estimate_s = 1;
    CHECK(data.families() == "filter: channel x 20\nsort: channel x 1 / 20\n");
  }
}

TEST_CASE("no more directories than end within the site's time") {
  Two data;
  data.workflow.jobs.pack = 10;
  data.workflow.site.max_time_s = 3600;
  data.def(data.filter).estimate_s = 900;
  CHECK(data.families() == "filter: channel x 5 / 4\nsort: channel x 2 / 10\n");
  CHECK_THAT(data.notes(),
             Catch::Contains("time: filter: 4 `channel` directories a job instead of 10"));
  // Four times 15 minutes fit; with a fifth more they would not.
  CHECK(data.partition().families[0].job.time_s == 3600);
}

TEST_CASE("the time of the partitions counts, not that of the site, where they are known") {
  Two data;
  data.workflow.jobs.pack = 10;
  data.workflow.site.max_time_s = 86400;
  Partition quick;
  quick.name = "quick";
  quick.max_time_s = 3600;
  Partition slow;
  slow.name = "slow";
  slow.max_time_s = 7200;
  data.workflow.site.partitions = {quick, slow};
  data.def(data.filter).estimate_s = 900;
  SECTION("none is named: the longest can be chosen") {
    CHECK(data.families() == "filter: channel x 3 / 8\nsort: channel x 2 / 10\n");
  }
  SECTION("one is named") {
    data.def(data.filter).slurm.partition = "quick";
    CHECK(data.families() == "filter: channel x 5 / 4\nsort: channel x 2 / 10\n");
  }
  SECTION("several are named: Slurm takes any of them") {
    data.def(data.filter).slurm.partition = "slow,quick";
    CHECK(data.families() == "filter: channel x 3 / 8\nsort: channel x 2 / 10\n");
  }
}

TEST_CASE("a plan that the queue does not take is packed") {
  Two data;
  Site& site = data.workflow.site;
  SECTION("everything fits") {
    site.max_job_count = 41;
    CHECK(data.families() == "filter: channel x 20\nsort: channel x 20\n");
    CHECK(data.sink.all().empty());
  }
  SECTION("MaxJobCount") {
    site.max_job_count = 40;
    CHECK(data.families() == "filter: channel x 10 / 2\nsort: channel x 10 / 2\n");
    CHECK(kinds(data.sink) == std::vector<Kind>{Kind::PackedToFit});
  }
  SECTION("MaxSubmitJobs") {
    site.max_submit_jobs = 10;
    CHECK(data.families() == "filter: channel x 4 / 5\nsort: channel x 4 / 5\n");
  }
  SECTION("calls of sbatch") {
    site.max_array_size = 4;
    site.max_submissions = 5;
    CHECK(data.families() == "filter: channel x 7 / 3\nsort: channel x 7 / 3\n");
  }
  SECTION("nothing helps") {
    site.max_job_count = 2;
    CHECK(data.families() == "filter: channel x 20\nsort: channel x 20\n");
    CHECK(data.sink.all().empty());
  }
  SECTION("the time allows less") {
    site.max_job_count = 9;
    site.max_time_s = 3600;
    data.def(data.filter).estimate_s = 900;
    CHECK(data.families() == "filter: channel x 5 / 4\nsort: channel x 3 / 7\n");
    site.max_job_count = 6;
    CHECK(data.families() == "filter: channel x 20\nsort: channel x 20\n");
  }
}

TEST_CASE("a coarse level is not packed for the sake of a fine one") {
  const QueueRoom room{200, QueueRoom::kUnbounded, 1001};
  const std::vector<Packable> families{{kSession, 50, 50, 1, 50}, {kChannel, 5000, 5000, 1, 5000}};
  CHECK(packs_that_fit(families, room) == std::vector<std::uint32_t>{1, 34});
}

TEST_CASE("a million directories in ten calls of sbatch") {
  const QueueRoom room{9999, 199, 1001};
  std::vector<Packable> families{{kSession, 1000, 1000, 1, 1000}};
  for (int step = 0; step < 4; ++step) {
    families.push_back({kChannel, 1000000, 1000000, 1, 1000000});
  }
  const std::vector<std::uint32_t> packs = packs_that_fit(families, room);
  CHECK(packs == std::vector<std::uint32_t>{1, 500, 500, 500, 500});
  // Three steps would fit in three arrays each: two are enough.
  families.pop_back();
  CHECK(packs_that_fit(families, room) == std::vector<std::uint32_t>{1, 500, 500, 500});
}

}  // namespace wfc::test
