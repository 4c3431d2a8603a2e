// Facts about this machine and this allocation, from the environment that Slurm gives.
#pragma once

#include "runtime/plan/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wfr {

// The numeric value of a variable; nullopt when unset or not a number.
std::optional<std::uint32_t> number_from(const char* variable);
// A record with the node and the Slurm ids filled in.
Record host_record();
// The memory that Slurm has given this job on this node, in MB; 0 when it says none, and without
// it.
std::uint64_t allocated_mb();
// $SLURM_TMPDIR, $TMPDIR or /tmp.
std::string scratch_base();
// The hosts of the allocation, one a line; this one without Slurm.
std::string allocated_hosts();
bool says_hostfile(const StepSpec& step);
// The stdout of a command that ends well within a minute; nullopt otherwise.
std::optional<std::string> capture(const std::vector<std::string>& argv);
// The same of one that ends within so many seconds (0: whenever); it is killed then.
std::optional<std::string> capture_within(const std::vector<std::string>& argv, int seconds);

}  // namespace wfr
