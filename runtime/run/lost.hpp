// Attempts that have a start and no end: their job, or its node, was gone before wfr could say so.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace wfr {

// What Slurm says of the jobs of start records, as "TIMEOUT" or "OUT_OF_MEMORY" (SlurmStates), by
// job_text(); without those that it does not know. Where that gives no reason, the end of the job's
// log below `out_dir` may.
using AskStates =
    std::function<std::map<std::string, std::string>(const std::vector<Record>& starts)>;
AskStates ask_slurm(const std::filesystem::path& out_dir);

// The memory of the job of a start record in MB; 0 when nobody knows.
using AskMemory = std::function<std::uint64_t(const Record& start)>;
// Asks once for each job array, and nobody any more when the answers take too long.
AskMemory ask_slurm_memory();

// OUT_OF_MEMORY: out of memory; TIMEOUT, DEADLINE: timeout; NODE_FAIL, BOOT_FAIL: node;
// CANCELLED: cancelled; else lost.
Failure classify_lost(const Record& start, const std::string& state);

// Of `tasks`, those without a verdict that were started: an end record and a slot say from then on
// how they have failed, also where a failure had its end in the log and wfr was killed before it
// wrote the slot. None of them may be running. The logs are read only when one of the tasks
// has no verdict though its producers are done. `ask` is asked once, about all of them; `memory` is
// asked about what a step without `mem` was killed for. Returns how many there were.
std::uint64_t settle_lost(const Plan& plan,
                          SlotStore& slots,
                          const StepRanges& tasks,
                          const AskStates& ask,
                          const AskMemory& memory = ask_slurm_memory());

}  // namespace wfr
