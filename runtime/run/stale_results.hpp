// Results that were stale when a run was submitted: no job of the run may ever come to them, as
// when it is cancelled, and then nobody must take them for done.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <filesystem>
#include <string>

namespace wfr {

// DIR/stale: of each task that is recorded as done and is not up to date, also where a job in the
// queue has it, what its slot says now. No file where there is none. Throws std::system_error.
void write_stale(const Plan& plan,
                 const StatePaths& state,
                 const Decision& decision,
                 const std::filesystem::path& dir);

// Those that the run has not made again and that are still stale, by a look at just these. `run`:
// "" for the last one that was submitted.
Selection still_stale(const Plan& plan,
                      const std::filesystem::path& out_dir,
                      const StatePaths& state,
                      std::string run);

}  // namespace wfr
