// What the jobs in Slurm's queue will still run, of the tasks of a plan.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace wfr {

// The tasks of all released jobs of this out directory, of any plan: from the journals, and one
// question to squeue where they name jobs. Tasks that such a job has done already are among them,
// but of a later pass only where something of the same block is not done: the rest it leaves alone.
// Without squeue nothing is known to be in a queue; when it fails, `on_warning` is told.
Selection live_tasks(const Plan& plan,
                     const std::filesystem::path& out_dir,
                     const std::function<void(const std::string&)>& on_warning);

// Whether this machine has the command.
bool squeue_found();

}  // namespace wfr
