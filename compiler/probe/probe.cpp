// Joins partitions with their nodes, and finds what the asker can use.
#include "compiler/probe/probe.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wfc {
namespace {

bool any_in(const std::vector<std::string>& wanted, const std::vector<std::string>& among) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return std::find(among.begin(), among.end(), one) != among.end();
  });
}

std::string list_text(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string unusable(const ProbedPartition& partition,
                     const Asker& asker,
                     const std::vector<std::string>& accounts) {
  if (!partition.state.empty() && partition.state != "UP") return "is " + partition.state;
  // root and the user that Slurm runs as may use everything.
  if (asker.user == "root") return {};
  if (partition.root_only) return "is for root alone";
  if (!partition.allow_groups.empty() && !any_in(asker.groups, partition.allow_groups)) {
    return "is for the groups " + list_text(partition.allow_groups);
  }
  if (accounts.empty()) return {};
  if (!partition.allow_accounts.empty() && !any_in(accounts, partition.allow_accounts)) {
    return "is for the accounts " + list_text(partition.allow_accounts);
  }
  const bool denied = std::all_of(accounts.begin(), accounts.end(), [&](const std::string& one) {
    return any_in({one}, partition.deny_accounts);
  });
  return denied ? "is not for the accounts " + list_text(partition.deny_accounts) : std::string();
}

void add_gpus(SitePartition& partition, const ProbedNodes& nodes) {
  for (const auto& [type, count] : nodes.gpus) {
    const auto same = std::find_if(partition.gpus.begin(),
                                   partition.gpus.end(),
                                   [&, t = type](const auto& gpu) { return gpu.first == t; });
    if (same == partition.gpus.end()) {
      partition.gpus.emplace_back(type, count);
    } else {
      same->second = std::max(same->second, count);
    }
  }
}

void add_nodes(SitePartition& partition,
               const std::vector<ProbedNodes>& all,
               std::uint64_t& least_mem_per_cpu_mb) {
  for (const ProbedNodes& nodes : all) {
    if (nodes.partition != partition.said.name) continue;
    partition.nodes_known = true;
    partition.max_cpus = std::max(partition.max_cpus, nodes.cpus);
    // A node that declares no memory has 1 MB.
    if (nodes.mem_mb > 1) {
      partition.max_mem_mb = std::max(partition.max_mem_mb, nodes.mem_mb);
      const std::uint64_t each = nodes.mem_mb / std::max<std::uint64_t>(nodes.cpus, 1);
      if (partition.unusable.empty() && each > 0) {
        least_mem_per_cpu_mb =
            least_mem_per_cpu_mb == 0 ? each : std::min(least_mem_per_cpu_mb, each);
      }
    }
    add_gpus(partition, nodes);
  }
  std::sort(partition.gpus.begin(), partition.gpus.end());
  const auto cap = [](std::uint64_t& size, const std::optional<std::uint64_t>& limit) {
    if (limit && *limit > 0) size = size == 0 ? *limit : std::min(size, *limit);
  };
  cap(partition.max_cpus, partition.said.max_cpus_per_node);
  cap(partition.max_mem_mb, partition.said.max_mem_per_node_mb);
}

}  // namespace

std::string SiteProbe::value(const std::string& key) const {
  const auto found = config.find(key);
  return found == config.end() || found->second == "(null)" ? std::string() : found->second;
}

std::vector<std::string> SiteProbe::accounts() const {
  std::set<std::string> names;
  for (const ProbedAssociation& association : associations) names.insert(association.account);
  return {names.begin(), names.end()};
}

SiteProbe make_probe(const SlurmAnswers& answers, const Asker& asker) {
  SiteProbe probe;
  probe.config = parse_config(answers.config);
  probe.no_accounting = answers.no_accounting;
  if (answers.associations) {
    probe.associations = parse_associations(*answers.associations);
    probe.qos_limits = parse_qos(answers.qos);
  }
  const std::vector<std::string> accounts = probe.accounts();
  const std::vector<ProbedNodes> nodes = parse_nodes(answers.nodes);
  for (ProbedPartition& said : parse_partitions(answers.partitions)) {
    SitePartition partition;
    partition.unusable = unusable(said, asker, accounts);
    partition.said = std::move(said);
    // Where a partition says nothing, the whole cluster's word holds.
    if (!partition.said.max_mem_per_node_mb && !partition.said.max_mem_per_cpu_mb) {
      partition.said.max_mem_per_node_mb = slurm_number(probe.value("MaxMemPerNode"));
      partition.said.max_mem_per_cpu_mb = slurm_number(probe.value("MaxMemPerCPU"));
    }
    add_nodes(partition, nodes, probe.least_mem_per_cpu_mb);
    probe.partitions.push_back(std::move(partition));
  }
  std::stable_partition(probe.partitions.begin(),
                        probe.partitions.end(),
                        [](const SitePartition& partition) { return partition.said.is_default; });
  return probe;
}

}  // namespace wfc
