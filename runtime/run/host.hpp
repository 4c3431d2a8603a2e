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
// $SLURM_TMPDIR, $TMPDIR or /tmp.
std::string scratch_base();
// The hosts of the allocation, one a line; this one without Slurm.
std::string allocated_hosts();
bool says_hostfile(const StepSpec& step);
// The stdout of a command that ends well; nullopt otherwise.
std::optional<std::string> capture(const std::vector<std::string>& argv);

}  // namespace wfr
