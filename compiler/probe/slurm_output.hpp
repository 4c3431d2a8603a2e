// Reads what Slurm's commands print. Pure: text in, values out; what is not understood is left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wfc {

// `scontrol show config`: "MaxArraySize  = 1001". Values may hold spaces.
std::map<std::string, std::string> parse_config(std::string_view text);

// `scontrol -o show partition`, or its form over several lines. A limit without a value is
// UNLIMITED, not set, or not said by this version.
struct ProbedPartition {
  std::string name;
  std::string state;  // "UP"
  std::string qos;    // of the partition; "" for none
  bool is_default = false;
  bool root_only = false;
  std::vector<std::string> allow_groups, allow_accounts, deny_accounts;  // empty: all, none denied
  std::optional<std::uint64_t> max_time_s, max_nodes, total_nodes, max_cpus_per_node;
  std::optional<std::uint64_t> max_mem_per_node_mb, max_mem_per_cpu_mb, def_mem_per_cpu_mb,
      def_mem_per_node_mb;
  std::string max_time_text;  // as Slurm writes it
};
std::vector<ProbedPartition> parse_partitions(std::string_view text);

// `sinfo -h -e -o '%R|%c|%m|%G'`: the nodes of one size in one partition.
struct ProbedNodes {
  std::string partition;
  std::uint64_t cpus = 0;
  std::uint64_t mem_mb = 0;                                 // at most 1: not declared
  std::vector<std::pair<std::string, std::uint64_t>> gpus;  // type ("" without) and count
};
std::vector<ProbedNodes> parse_nodes(std::string_view text);

// `sacctmgr -nP show associations ... format=Account,Partition,MaxSubmitJobs,DefaultQOS,QOS`.
struct ProbedAssociation {
  std::string account;
  std::string partition;  // "" for all
  std::optional<std::uint64_t> max_submit_jobs;
  std::string default_qos;       // "" for none
  std::vector<std::string> qos;  // those that it may have
  // What a job that asks for none gets: the default, else the only one, else "normal"
  // (assoc_mgr_get_default_qos_info() in src/common/assoc_mgr.c of Slurm 22.05).
  [[nodiscard]] std::string usual_qos() const;
};
std::vector<ProbedAssociation> parse_associations(std::string_view text);

// `sacctmgr -nP show qos format=Name,MaxSubmitPU`: those that have a limit.
std::map<std::string, std::uint64_t> parse_qos(std::string_view text);

// "1-00:00:00", "UNLIMITED", "N/A", "NONE", "(null)", "500", "64G": nullopt for no limit.
std::optional<std::uint64_t> slurm_seconds(std::string_view text);
std::optional<std::uint64_t> slurm_number(std::string_view text);
// The value of NAME=VALUE within "a,b=1,NAME=2".
std::optional<std::string> slurm_parameter(std::string_view parameters, std::string_view name);

}  // namespace wfc
