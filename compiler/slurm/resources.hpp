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
  bool all_memory = false;           // --mem=0: all that the node has
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

// Whether one node is the job's alone, to be shared out among its tasks.
bool has_whole_node(const JobRequest& request);

// The cpus that the tasks of a job have at most; of an exclusive one nobody knows the node.
std::uint32_t most_cpus_of(const JobRequest& request);

// What the tasks of a job share on a node. mem_mb 0: not known, or not counted.
struct JobRoom {
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;
};
// `mem_mb` is what the job asks for; of an exclusive one it is all of the largest node of its
// partition, as far as the site says how large that is.
JobRoom room_of(const Site& site, const JobRequest& request, std::uint64_t mem_mb);

}  // namespace wfc
