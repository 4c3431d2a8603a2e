// The site's limits, and what a job asks for under each memory policy.
#include "compiler/slurm/limits.hpp"

#include "compiler/slurm/resources.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

std::vector<Kind> kinds_of(Example& example) {
  Sink sink;
  example.lower(sink);
  std::vector<Kind> kinds;
  for (const Diagnostic& diagnostic : sink.all()) kinds.push_back(diagnostic.kind);
  return kinds;
}

}  // namespace

TEST_CASE("each limit of the site is checked") {
  Example example(2, 3);
  example.step("a", kChannel);
  wfr::ResourceSpec& asked = example.workflow.steps[0].spec.resources;
  Site& site = example.workflow.site;
  CHECK(kinds_of(example).empty());
  SECTION("time") {
    asked.time_s = 7201;
    site.max_time_s = 7200;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::TimeOverLimit});
  }
  SECTION("memory") {
    asked.mem_mb = 4001;
    site.max_mem_mb = 4000;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::MemoryOverLimit});
  }
  SECTION("cpus") {
    asked.cpus = 17;
    site.max_cpus = 16;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::CpusOverLimit});
  }
  SECTION("cpus that stand for memory") {
    site.memory = MemoryPolicy::Cpus;
    site.mem_per_cpu_mb = 1000;
    asked.mem_mb = 16001;
    site.max_cpus = 16;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::CpusOverLimit});
  }
  SECTION("nodes") {
    asked.nodes = 3;
    site.max_nodes = 2;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::NodesOverLimit});
  }
  SECTION("MaxJobCount counts array tasks and the verdict") {
    site.max_job_count = 7;
    CHECK(kinds_of(example).empty());
    site.max_job_count = 6;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::TooManyJobs});
  }
  SECTION("MaxSubmitJobs") {
    site.max_submit_jobs = 6;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::TooManySubmittedJobs});
  }
  SECTION("calls of sbatch") {
    site.max_array_size = 2;
    site.max_submissions = 3;
    CHECK(kinds_of(example) == std::vector<Kind>{Kind::TooManySubmissions});
  }
}

TEST_CASE("the verdict's dependency fits an argument") {
  Example example(1, 14000);
  example.step("a", kChannel);
  example.workflow.site.max_array_size = 1;
  example.workflow.site.max_job_count = 0;
  example.workflow.site.max_submissions = 0;
  CHECK(kinds_of(example) == std::vector<Kind>{Kind::DependencyTooLong});
}

TEST_CASE("a script that Slurm would refuse") {
  Example example(1, 1);
  const StepId a = example.step("a", kChannel);
  Sink sink;
  check_script(
      example.workflow, a, "jobs/01-a.sbatch", example.workflow.site.max_script_size, sink);
  CHECK_FALSE(sink.has_errors());
  check_script(
      example.workflow, a, "jobs/01-a.sbatch", example.workflow.site.max_script_size + 1, sink);
  CHECK(sink.all().front().kind == Kind::ScriptTooLong);
}

TEST_CASE("memory is asked for as the site wants it") {
  Site site;
  wfr::ResourceSpec asked;
  asked.cpus = 2;
  asked.mem_mb = 7000;
  SlurmKeys keys;
  SECTION("mem") {
    const JobRequest request = request_of(site, asked, keys);
    CHECK(request.mem_mb == 7000);
    CHECK(request.mem_per_cpu_mb == 0);
  }
  SECTION("per cpu, rounded up") {
    site.memory = MemoryPolicy::PerCpu;
    asked.cpus = 3;
    const JobRequest request = request_of(site, asked, keys);
    CHECK(request.mem_mb == 0);
    CHECK(request.mem_per_cpu_mb == 2334);
  }
  SECTION("cpus: at least what was asked for") {
    site.memory = MemoryPolicy::Cpus;
    site.mem_per_cpu_mb = 2000;
    CHECK(request_of(site, asked, keys).cpus == 4);
    asked.mem_mb = 1000;
    CHECK(request_of(site, asked, keys).cpus == 2);
  }
  SECTION("none") {
    site.memory = MemoryPolicy::None;
    const JobRequest request = request_of(site, asked, keys);
    CHECK(request.mem_mb + request.mem_per_cpu_mb == 0);
    CHECK(request.cpus == 2);
  }
  SECTION("a step's mem_per_cpu") {
    asked.mem_mb = 0;
    keys.mem_per_cpu_mb = 1500;
    CHECK(request_of(site, asked, keys).mem_per_cpu_mb == 1500);
    CHECK(request_of(site, asked, keys).node_mem_mb == 3000);
  }
  SECTION("the site's keys stand in for those left unset") {
    site.slurm.account = "lab";
    site.slurm.partition = "main";
    keys.partition = "fat";
    const JobRequest request = request_of(site, asked, keys);
    CHECK(request.keys.account == "lab");
    CHECK(request.keys.partition == "fat");
  }
  SECTION("gpus as the site spells them") {
    asked.gpus = "a100:2";
    CHECK(request_of(site, asked, keys).gpus == "--gpus=a100:2");
    site.gpus = "gres";
    CHECK(request_of(site, asked, keys).gpus == "--gres=gpu:a100:2");
    keys.sbatch = {"--mail-type=END", "--gres=tmpfs:1"};
    CHECK(request_of(site, asked, keys).gpus == "--gres=gpu:a100:2,tmpfs:1");
    CHECK(request_of(site, asked, keys).keys.sbatch == std::vector<std::string>{"--mail-type=END"});
  }
  SECTION("all of an exclusive node") {
    keys.exclusive = true;
    CHECK_FALSE(request_of(site, asked, keys).all_memory);
    asked.mem_mb = 0;
    CHECK(request_of(site, asked, keys).all_memory);
    site.max_cpus = 16;
    site.max_mem_mb = 64000;
    const JobRoom room = room_of(site, request_of(site, asked, keys), asked.mem_mb);
    CHECK(room.cpus == 16);
    CHECK(room.mem_mb == 64000);
    asked.tasks = 4;
    CHECK(room_of(site, request_of(site, asked, keys), 1000).cpus == 2);
    site.memory = MemoryPolicy::None;
    CHECK_FALSE(request_of(site, asked, keys).all_memory);
  }
}

}  // namespace wfc::test
