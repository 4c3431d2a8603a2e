// Putting the own job back into Slurm's queue when its time is nearly over.
#pragma once

#include <string>

namespace wfr {

// `scontrol requeue` of this job or array element, at most three times, of a later pass a hundred
// times (Slurm counts: SLURM_RESTART_COUNT), and only when it has finished at least one task since
// it started: a task that is longer than the time limit would otherwise run for ever. Returns a
// line for the log.
std::string requeue(bool progress, bool later_pass);

}  // namespace wfr
