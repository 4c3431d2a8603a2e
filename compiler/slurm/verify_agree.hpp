// What the plan repeats of the scripts, for `--resume`: the two must say the same.
#pragma once

#include "compiler/slurm/verify_jobs.hpp"

namespace wfc::readback {

// The order of the calls; indices, limits, numbers of jobs, and dependencies of every array.
void check_agreement(const Emitted& emitted, Report& report);

}  // namespace wfc::readback
