// The whole file of a probed cluster, and what the compiler makes of it.
#include "compiler/probe/site_text.hpp"

#include "tests/unit/probe/captured.hpp"
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

SlurmAnswers real_answers() {
  return {captured("config.txt"),
          captured("partitions.txt"),
          captured("nodes.txt"),
          std::nullopt,
          "",
          "AccountingStorageType=accounting_storage/none"};
}

// A cluster by hand: memory not counted, GPUs, accounting, partitions for others.
SlurmAnswers other_answers() {
  return {
      "ClusterName = other\nSLURM_VERSION = 23.11.4\nMaxArraySize = 10001\nMaxJobCount = 50000\n"
      "SelectType = select/cons_res\nSelectTypeParameters = CR_CORE\n"
      "AccountingStorageEnforce = associations,limits\n"
      "SchedulerParameters = "
      "max_array_tasks=500,correspond_after_task_cnt=40,max_script_size=9000\n",
      "PartitionName=gpu Default=NO MaxTime=2-00:00:00 MaxNodes=4 TotalNodes=8 State=UP "
      "DefMemPerCPU=900 MaxMemPerCPU=4000 QoS=gpuq\n"
      "PartitionName=main Default=YES MaxTime=12:00:00 MaxNodes=UNLIMITED TotalNodes=20 State=UP "
      "MaxCPUsPerNode=60 MaxMemPerNode=100000\n"
      "PartitionName=staff AllowGroups=wheel State=UP\n"
      "PartitionName=course AllowAccounts=edu State=UP\n"
      "PartitionName=old State=DOWN\n"
      "PartitionName=empty State=UP MaxTime=UNLIMITED\n",
      "main|64|128000|(null)\nmain|32|256000|(null)\ngpu|48|192000|gpu:a100:4(S:0-1)\n",
      "proj||200|normal\n",
      "normal|150\n",
      ""};
}

ast::Document document(const std::string& name, const std::string& text, Sink& sink) {
  return parse(std::make_shared<const SourceFile>(SourceFile{name, text}), sink);
}

Site site_of(const std::string& text) {
  Sink sink;
  const ast::Document file = document("sites/probed.toml", text, sink);
  INFO(render(sink, false));
  REQUIRE_FALSE(sink.has_errors());
  ResolveOptions options;
  options.site = "probed";
  options.site_files = {&file};
  const Resolved resolved = resolve_steps("[[step]]\nname = \"a\"\nrun = \"true\"\n", options);
  INFO(resolved.text());
  REQUIRE(resolved.text().empty());
  return resolved.workflow.site;
}

}  // namespace

TEST_CASE("the site file of a real cluster, whole") {
  const SiteProbe probe = make_probe(real_answers(), {"root", {"root"}});
  CHECK(site_text(probe, "wfctest", "2026-11-21") == captured("site.toml"));
}

TEST_CASE("the compiler reads what the probe writes") {
  const Site real =
      site_of(site_text(make_probe(real_answers(), {"root", {"root"}}), "probed", "2026-11-21"));
  CHECK(real.memory == MemoryPolicy::Mem);
  CHECK(real.max_array_size == 1001);
  CHECK(real.max_job_count == 10000);
  REQUIRE(real.partitions.size() == 2);
  CHECK(real.partitions[0].is_default);
  CHECK(real.partitions[0].max_time_s == 0);
  CHECK(real.partitions[1].max_time_s == 600);
  CHECK(real.partitions[1].max_mem_mb == 16000);
  CHECK(real.partitions[1].max_cpus == 16);
  CHECK(real.partitions[1].max_nodes == 2);
  CHECK(real.partitions[1].gpus->empty());
}

TEST_CASE("a cluster that does not count memory, with accounts, GPUs and closed partitions") {
  const std::string text =
      site_text(make_probe(other_answers(), {"anna", {"users"}}), "probed", "2026-11-21");
  CHECK_THAT(text, Catch::Contains("# Left out: `staff` is for the groups wheel\n"));
  CHECK_THAT(text, Catch::Contains("# Left out: `course` is for the accounts edu\n"));
  CHECK_THAT(text, Catch::Contains("# Left out: `old` is DOWN\n"));
  CHECK_THAT(text, Catch::Contains("# QoS=gpuq"));
  CHECK_THAT(text, Catch::Contains("# MaxMemPerCPU=4000: "));
  const Site site = site_of(text);
  CHECK(site.memory == MemoryPolicy::Cpus);
  CHECK(site.mem_per_cpu_mb == 2000);  // 128000 MB for 64 cpus
  CHECK(site.gpus == "gres");
  CHECK(site.slurm.account == "proj");
  CHECK(site.max_array_size == 500);
  CHECK(site.max_submit_jobs == 150);
  CHECK(site.max_script_size == 9000);
  CHECK(site.correspond_after_task_cnt == 40);
  REQUIRE(site.partitions.size() == 3);
  CHECK(site.partitions[0].name == "main");
  CHECK(site.partitions[0].is_default);
  CHECK(site.partitions[0].max_cpus == 60);
  CHECK(site.partitions[0].max_mem_mb == 100000);
  CHECK(site.partitions[0].max_nodes == 20);
  CHECK(site.partitions[1].name == "gpu");
  CHECK(site.partitions[1].max_time_s == 172800);
  CHECK(site.partitions[1].max_nodes == 4);
  REQUIRE(site.partitions[1].gpus->size() == 1);
  CHECK(site.partitions[1].gpus->front().first == "a100");
  CHECK(site.partitions[2].name == "empty");
  CHECK_FALSE(site.partitions[2].gpus.has_value());
}

TEST_CASE("several accounts are listed, limits that are not enforced are not written") {
  SlurmAnswers answers = other_answers();
  answers.associations = "b||5|\na||7|\n";
  answers.config += "AccountingStorageEnforce2 = x\n";
  answers.config.replace(answers.config.find("associations,limits"), 19, "none");
  const std::string text = site_text(make_probe(answers, {"anna", {}}), "probed", "2026-11-21");
  CHECK_THAT(text, Catch::Contains("# account = \"...\": sacctmgr has a, b\n"));
  CHECK_THAT(text, Catch::Contains("# MaxSubmitJobs of account b=5 is not enforced"));
  CHECK(site_of(text).max_submit_jobs == 0);
}

TEST_CASE("nodes that declare no memory") {
  SlurmAnswers answers = other_answers();
  answers.nodes = "main|64|1|(null)\ngpu|48|1|(null)\n";
  const std::string text = site_text(make_probe(answers, {"anna", {}}), "probed", "2026-11-21");
  CHECK_THAT(text, Catch::Contains("# max_mem: its nodes declare none"));
  const Site site = site_of(text);
  CHECK(site.memory == MemoryPolicy::None);
  CHECK(site.partitions[0].max_mem_mb == 100000);  // MaxMemPerNode alone
}

TEST_CASE("names of any kind stay within the file") {
  SlurmAnswers answers = real_answers();
  answers.partitions = "PartitionName=a.b\"c State=UP\nPartitionName=x\ty State=UP\n";
  answers.config += "SLURM_VERSION = 1\x01[evil]\n";
  const Site site = site_of(site_text(make_probe(answers, {"root", {}}), "probed", "d"));
  REQUIRE_FALSE(site.partitions.empty());
  CHECK(site.partitions[0].name == "a.b\"c");
}

}  // namespace wfc::test
