// Which partition takes a job: the default, else the smallest that does, else none, with reasons.
#include "compiler/slurm/partitions.hpp"

#include "compiler/slurm/job_script.hpp"
#include "tests/unit/graph/by_step.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

Partition make(const std::string& name, std::uint64_t hours, std::uint64_t mem_mb) {
  Partition partition;
  partition.name = name;
  partition.max_time_s = hours * 3600;
  partition.max_mem_mb = mem_mb;
  return partition;
}

// `main` is the default; `long` and `week` take longer, `big` has more memory, `gpu` has GPUs.
Site five_partitions() {
  Site site;
  site.local = false;
  site.name = "test";
  site.partitions = {make("main", 24, 64000),
                     make("week", 168, 64000),
                     make("long", 72, 64000),
                     make("big", 48, 512000),
                     make("gpu", 48, 64000)};
  site.partitions[0].is_default = true;
  for (Partition& partition : site.partitions) partition.gpus.emplace();
  site.partitions[4].gpus->emplace_back("a100", 4);
  return site;
}

std::string chosen(const Site& site, const wfr::ResourceSpec& job, const SlurmKeys& keys = {}) {
  return request_of(site, job, keys).keys.partition;
}

wfr::ResourceSpec job_of(std::uint64_t hours, std::uint64_t mem_mb, std::string gpus = {}) {
  wfr::ResourceSpec job;
  job.time_s = hours * 3600;
  job.mem_mb = mem_mb;
  job.gpus = std::move(gpus);
  return job;
}

}  // namespace

TEST_CASE("the default partition is taken whenever the job fits it") {
  const Site site = five_partitions();
  CHECK(chosen(site, {}) == "main");
  CHECK(chosen(site, job_of(24, 64000)) == "main");
  const JobRequest request = request_of(site, {}, {});
  CHECK(request.partition_chosen);
}

TEST_CASE("the verdict takes a partition for GPUs only where there is no other") {
  Example example(1, 1);
  example.step("a", kChannel);
  example.workflow.site.partitions = {make("gpu", 48, 64000), make("slow", 72, 64000)};
  example.workflow.site.partitions[0].is_default = true;
  example.workflow.site.partitions[0].gpus = {{"a100", 4}};
  example.workflow.site.partitions[1].gpus.emplace();
  Sink sink;
  const wfr::Plan plan = example.lower(sink);
  CHECK(verdict_request(example.workflow, plan).keys.partition == "slow");
  // It is the other one that takes a job of so long.
  example.workflow.closing.asked.time_s = 73 * 3600;
  CHECK(verdict_request(example.workflow, plan).keys.partition.empty());
  example.workflow.site.partitions[0].max_time_s = 100 * 3600;
  CHECK(verdict_request(example.workflow, plan).keys.partition == "gpu");
  example.workflow.closing.asked.time_s = 0;
  example.workflow.site.partitions.pop_back();
  CHECK(verdict_request(example.workflow, plan).keys.partition == "gpu");
  example.workflow.closing.slurm.partition = "named";
  CHECK(verdict_request(example.workflow, plan).keys.partition == "named");
}

TEST_CASE("else the smallest that fits: by time, then by memory") {
  Site site = five_partitions();
  CHECK(chosen(site, job_of(25, 64000)) == "big");  // 48 h; `gpu` has GPUs that nobody wants
  CHECK(chosen(site, job_of(49, 64000)) == "long");
  CHECK(chosen(site, job_of(73, 1000)) == "week");
  CHECK(chosen(site, job_of(1, 64001)) == "big");
  CHECK(chosen(site, job_of(169, 1)).empty());
  site.partitions.push_back(make("small", 48, 32000));
  CHECK(chosen(site, job_of(25, 1000)) == "small");
  site.partitions.push_back(make("endless", 0, 0));
  CHECK(chosen(site, job_of(169, 1)) == "endless");
}

TEST_CASE("GPUs are looked for by type and by number on a node") {
  Site site = five_partitions();
  CHECK(chosen(site, job_of(1, 1, "1")) == "gpu");
  CHECK(chosen(site, job_of(1, 1, "a100:4")) == "gpu");
  CHECK(chosen(site, job_of(1, 1, "a100:5")).empty());
  CHECK(chosen(site, job_of(1, 1, "v100:1")).empty());
  wfr::ResourceSpec wide = job_of(1, 1, "8");
  wide.nodes = 2;
  CHECK(chosen(site, wide) == "gpu");
  site.partitions[1].gpus.reset();  // nothing is known of them: it may have some
  CHECK(chosen(site, job_of(1, 1, "v100:1")) == "week");
}

TEST_CASE("memory that is asked for by cpus chooses by the cpus") {
  Site site = five_partitions();
  site.memory = MemoryPolicy::Cpus;
  site.mem_per_cpu_mb = 1000;
  site.partitions[0].max_cpus = 16;
  site.partitions[2].max_cpus = 64;
  CHECK(chosen(site, job_of(1, 16000)) == "main");
  CHECK(chosen(site, job_of(60, 17000)) == "long");
}

TEST_CASE("whoever names a partition, a reservation or another cluster decides alone") {
  const Site site = five_partitions();
  SlurmKeys keys;
  keys.partition = "week";
  CHECK(chosen(site, {}, keys) == "week");
  CHECK_FALSE(request_of(site, {}, keys).partition_chosen);
  keys.partition.clear();
  keys.reservation = "course";
  CHECK(chosen(site, {}, keys).empty());
  keys.reservation.clear();
  keys.sbatch = {"--clusters=other"};
  CHECK(chosen(site, {}, keys).empty());
}

TEST_CASE("what a partition does not say is the site's limit") {
  Site site = five_partitions();
  site.max_cpus = 8;
  site.max_time_s = 3600;
  site.partitions[2].max_cpus = 32;
  wfr::ResourceSpec job = job_of(2, 1000);
  job.cpus = 16;
  CHECK(chosen(site, job) == "long");
  CHECK(refusal(site, site.partitions[0], request_of(site, job, {})) ==
        "has at most 8 cpus on a node");
}

TEST_CASE("all that stands against a partition is said") {
  const Site site = five_partitions();
  const JobRequest request = request_of(site, job_of(200, 600000, "v100:1"), {});
  CHECK(refusal(site, site.partitions[0], request) ==
        "ends every job after 24 h, and has at most 64000 MB on a node, and has no GPUs");
  CHECK(refusal(site, site.partitions[4], request) ==
        "ends every job after 48 h, and has at most 64000 MB on a node, and has no node with GPUs "
        "`v100:1`");
}

TEST_CASE("lowering tells which partition it has chosen and why") {
  Example example(1, 2);
  example.workflow.site = five_partitions();
  const StepId small = example.step("small", kChannel);
  const StepId large = example.step("large", kChannel);
  example.workflow.steps[1].spec.resources = job_of(60, 1000);
  Sink sink;
  std::vector<PassNote> notes;
  JobGraph jobs = partition_by_step(example.workflow, example.graph);
  wfr::Plan plan =
      lower(example.workflow, std::move(example.graph), std::move(jobs), "..", notes, sink);
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].pass == "partition");
  CHECK(notes[0].steps == std::vector<StepId>{small});
  CHECK(notes[0].text == "partition `main`, the site's default");
  CHECK(notes[1].steps == std::vector<StepId>{large});
  CHECK(notes[1].text ==
        "partition `long`, the smallest that takes the job: the default `main` ends every job "
        "after 24 h");
  const TemplateReader none = [](const std::string& name) {
    return name == "job.sbatch" ? "{{#options}}{{{option}}}\n{{/options}}" : "";
  };
  CHECK_THAT(array_script(example.workflow, plan, plan.arrays[1], none, sink),
             Catch::Contains("--partition=long\n"));
}

}  // namespace wfc::test
