// What one job asks Slurm for: the step's keys under the site's memory policy.
#pragma once

#include "compiler/workflow/workflow.hpp"

#include <cstdint>
#include <string>

namespace wfc {

struct JobRequest {
  std::uint32_t cpus = 1;            // --cpus-per-task
  std::uint64_t mem_mb = 0;          // --mem, of a node; 0: not asked for
  std::uint64_t mem_per_cpu_mb = 0;  // --mem-per-cpu; 0: not asked for
  std::uint64_t node_mem_mb = 0;     // what a node must have, however it is asked for
  std::uint64_t time_s = 0;
  std::uint32_t nodes = 1;
  std::uint32_t tasks = 0;
  std::uint32_t tasks_per_node = 0;
  std::string gpus;         // a whole option, "--gpus=a100:2"; "" for none
  std::string gpu_request;  // "a100:2"
  // keys.partition was not asked for, but chosen from the site's partitions.
  bool partition_chosen = false;
  SlurmKeys keys;
};

// `keys` are the step's own; the site's stand in for those it leaves unset. Where both leave the
// partition unset, it is the one that choose_partition() finds.
JobRequest request_of(const Site& site, const wfr::ResourceSpec& job, const SlurmKeys& keys);

}  // namespace wfc
