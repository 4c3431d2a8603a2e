// `wfr job`: one element of a job array, or one finalizer, as Slurm has started it.
#pragma once

#include <span>
#include <string>

namespace wfr {

// The words after `wfr job`; the working directory is the out directory. Returns the exit status: 0
// all tasks of the job are done (or another job owns them), 1 some are not. Throws UsageError,
// PlanError.
int job_command(std::span<const std::string> words);

}  // namespace wfr
