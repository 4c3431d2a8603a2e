// Slurm's own output, captured and varied by hand.
#include "compiler/probe/slurm_output.hpp"

#include "tests/unit/probe/captured.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {

TEST_CASE("the configuration of a real cluster is read") {
  const auto config = parse_config(captured("config.txt"));
  CHECK(config.at("MaxArraySize") == "1001");
  CHECK(config.at("MaxJobCount") == "10000");
  CHECK(config.at("SelectTypeParameters") == "CR_CPU_MEMORY");
  CHECK(config.at("SlurmctldHost[0]") == "head(127.0.0.1)");
  CHECK(config.at("MinJobAge") == "300 sec");
  CHECK(config.at("TaskPluginParam") == "(null type)");
  CHECK(config.at("PowerPlugin").empty());
  CHECK(config.count("Configuration data as of") == 0);
}

TEST_CASE("the partitions of a real cluster are read") {
  const std::vector<ProbedPartition> partitions = parse_partitions(captured("partitions.txt"));
  REQUIRE(partitions.size() == 2);
  CHECK(partitions[0].name == "debug");
  CHECK(partitions[0].is_default);
  CHECK(partitions[0].state == "UP");
  CHECK_FALSE(partitions[0].max_time_s.has_value());
  CHECK(partitions[0].max_time_text == "UNLIMITED");
  CHECK_FALSE(partitions[0].max_nodes.has_value());
  CHECK(partitions[0].total_nodes == 2U);
  CHECK(partitions[0].allow_groups.empty());
  CHECK(partitions[0].qos.empty());
  CHECK(partitions[1].name == "short");
  CHECK_FALSE(partitions[1].is_default);
  CHECK(partitions[1].max_time_s == 600U);
}

TEST_CASE("the form over several lines says the same") {
  const std::vector<ProbedPartition> partitions = parse_partitions(
      "PartitionName=main\n"
      "   AllowGroups=staff,phys AllowAccounts=a,b DenyQos=N/A\n"
      "   AllocNodes=ALL Default=YES QoS=part-main\n"
      "   MaxNodes=40 MaxTime=1-00:00:00 MinNodes=0 MaxCPUsPerNode=96\n"
      "   Nodes=cn[1-9], cn12 State=UP TotalCPUs=960 TotalNodes=10\n"
      "   DefMemPerCPU=2000 MaxMemPerCPU=4096 TRES=cpu=960,mem=1T,node=10\n"
      "\n"
      "PartitionName=old DenyAccounts=x State=INACTIVE RootOnly=YES MaxTime=INVALID\n");
  REQUIRE(partitions.size() == 2);
  const ProbedPartition& main = partitions[0];
  CHECK(main.allow_groups == std::vector<std::string>{"staff", "phys"});
  CHECK(main.allow_accounts == std::vector<std::string>{"a", "b"});
  CHECK(main.qos == "part-main");
  CHECK(main.max_nodes == 40U);
  CHECK(main.max_time_s == 86400U);
  CHECK(main.max_cpus_per_node == 96U);
  CHECK(main.total_nodes == 10U);
  CHECK(main.def_mem_per_cpu_mb == 2000U);
  CHECK(main.max_mem_per_cpu_mb == 4096U);
  CHECK_FALSE(main.max_mem_per_node_mb.has_value());
  CHECK(partitions[1].state == "INACTIVE");
  CHECK(partitions[1].root_only);
  CHECK(partitions[1].deny_accounts == std::vector<std::string>{"x"});
  CHECK_FALSE(partitions[1].max_time_s.has_value());
}

TEST_CASE("nodes by partition, with their GPUs") {
  const std::vector<ProbedNodes> real = parse_nodes(captured("nodes.txt"));
  REQUIRE(real.size() == 2);
  CHECK(real[0].partition == "debug");
  CHECK(real[0].cpus == 16);
  CHECK(real[0].mem_mb == 16000);
  CHECK(real[0].gpus.empty());
  const std::vector<ProbedNodes> nodes = parse_nodes(
      "sinfo: warning: something\n"
      "main*|128+|257000+|(null)\n"
      "gpu|64|512000|gpu:a100:4(S:0-1,2),shard:8,gpu:v100:1\n"
      "gpu|32|256000|gpu:2\n"
      "mixed|8|1|gpu:a100:1,gpu:a100:1\n"
      "broken|x|1|\n");
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[0].partition == "main");
  CHECK(nodes[0].cpus == 128);
  CHECK(nodes[0].mem_mb == 257000);
  using Gpus = std::vector<std::pair<std::string, std::uint64_t>>;
  CHECK(nodes[1].gpus == Gpus{{"a100", 4}, {"v100", 1}});
  CHECK(nodes[2].gpus == Gpus{{"", 2}});
  CHECK(nodes[3].gpus == Gpus{{"a100", 2}});
}

TEST_CASE("accounts and their limits") {
  const std::vector<ProbedAssociation> found =
      parse_associations("proj-1||500|normal\nproj-2|gpu||high\n\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].account == "proj-1");
  CHECK(found[0].max_submit_jobs == 500U);
  CHECK(found[0].default_qos == "normal");
  CHECK(found[1].partition == "gpu");
  CHECK_FALSE(found[1].max_submit_jobs.has_value());
  const std::vector<ProbedAssociation> others = parse_associations("a||||only\nb||||one,two\n");
  REQUIRE(others.size() == 2);
  CHECK(found[0].usual_qos() == "normal");
  CHECK(found[1].usual_qos() == "high");
  CHECK(others[0].usual_qos() == "only");
  CHECK(others[1].usual_qos() == "normal");
  CHECK(parse_qos("normal|1000\nhigh|\n") ==
        std::map<std::string, std::uint64_t>{{"normal", 1000}});
}

TEST_CASE("values of Slurm") {
  CHECK(slurm_seconds("1-00:00:00") == 86400U);
  CHECK(slurm_seconds("00:10:00") == 600U);
  CHECK(slurm_seconds("30") == 1800U);
  for (const char* none : {"UNLIMITED", "infinite", "NONE", "N/A", "(null)", "", "INVALID", "0"}) {
    INFO(none);
    CHECK_FALSE(slurm_seconds(none).has_value());
  }
  CHECK(slurm_number("64") == 64U);
  CHECK(slurm_number("64+") == 64U);
  CHECK(slurm_number("2G") == 2048U);
  CHECK_FALSE(slurm_number("UNLIMITED").has_value());
  CHECK(slurm_parameter("a,correspond_after_task_cnt=50,b=1", "correspond_after_task_cnt") == "50");
  CHECK_FALSE(slurm_parameter("max_script_size_x=1", "max_script_size").has_value());
}

}  // namespace wfc::test
