// Which partition of a site takes a job.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "compiler/slurm/resources.hpp"
#include "compiler/workflow/site_limits.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <string>
#include <vector>

namespace wfc {

// Why a partition does not take a job: "ends every job after 10 min". "" when it does.
std::string refusal(const Site& site, const Partition& partition, const JobRequest& request);

// Only what its GPUs refuse: "has no GPUs". "" when nothing is known of them.
std::string gpu_refusal(const Partition& partition, const JobRequest& request);

struct Refusal {
  const Partition* partition = nullptr;
  std::string reason;
};
struct PartitionChoice {
  const Partition* partition = nullptr;  // nullptr: none takes the job
  std::vector<Refusal> refused;          // in the order of the site
};
// The default partition if it takes the job, else the smallest that does: without GPUs if the job
// wants none, then the one with the shortest longest time, then by memory, cpus and nodes.
PartitionChoice choose_partition(const Site& site, const JobRequest& request);
// Whether the partition is left to wfc: nobody names one, nor a reservation or another cluster that
// would decide it, and the site's partitions are known.
bool wants_choice(const Site& site, const JobRequest& request);

// "10 min", "3 h".
std::string time_text(std::uint64_t seconds);

// A note for each family whose partition was chosen.
void note_partitions(const Workflow& workflow, const wfr::Plan& plan, std::vector<PassNote>& notes);

}  // namespace wfc
