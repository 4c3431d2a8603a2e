// What a cluster says of itself, put together.
#pragma once

#include "compiler/probe/slurm_output.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

// The texts of the commands, as printed.
struct SlurmAnswers {
  std::string config;                       // scontrol show config
  std::string partitions;                   // scontrol -o show partition
  std::string nodes;                        // sinfo
  std::optional<std::string> associations;  // sacctmgr; nullopt: no accounting, or no answer
  std::string qos;
  std::string no_accounting;  // why `associations` is not there
};

// Who asks: a partition may be for others.
struct Asker {
  std::string user;
  std::vector<std::string> groups;
};

struct SitePartition {
  ProbedPartition said;
  std::string unusable;  // why the asker cannot use it: "is for the groups x"; "" when usable
  // Of its largest nodes; 0: not known.
  std::uint64_t max_cpus = 0;
  std::uint64_t max_mem_mb = 0;
  std::vector<std::pair<std::string, std::uint64_t>> gpus;
  bool nodes_known = false;
};

struct SiteProbe {
  std::map<std::string, std::string> config;
  std::vector<SitePartition> partitions;  // the default one first, then as Slurm lists them
  std::vector<ProbedAssociation> associations;
  std::map<std::string, std::uint64_t> qos_limits;
  std::string no_accounting;               // "" where there is accounting
  std::uint64_t least_mem_per_cpu_mb = 0;  // over all usable nodes; 0: they declare no memory

  // The value of a key of the configuration; "" when Slurm does not say it.
  [[nodiscard]] std::string value(const std::string& key) const;
  // The accounts of the asker, each once, sorted.
  [[nodiscard]] std::vector<std::string> accounts() const;
};

SiteProbe make_probe(const SlurmAnswers& answers, const Asker& asker);

}  // namespace wfc
