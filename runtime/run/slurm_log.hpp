// What Slurm has written into the log of a job that it has ended: it may tell more than the job's
// state, and is there when the controller has forgotten the job.
#pragma once

#include "runtime/plan/state.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace wfr {

// "OUT_OF_MEMORY", "TIMEOUT" or "NODE_FAIL" by the last line of slurmstepd that gives a reason; ""
// without one. A kill for memory that Slurm finds by polling (JobAcctGatherParams=OverMemoryKill)
// leaves a job that is FAILED, as after any signal, but says so here. The texts are those of Slurm
// 17.11 to 23.11, src/slurmd/slurmstepd and src/plugins (jobacct_gather, cgroup).
std::string state_in_log(std::string_view text);

// The log of the job of a record, below `out_dir`/logs; "" when there is none.
std::filesystem::path job_log(const std::filesystem::path& out_dir, const Record& record);
// The last 8 KiB of a file, "" when it cannot be read.
std::string end_of_file(const std::filesystem::path& file);
// The end of the log of the job of a start record, below `out_dir`/logs; "" when there is none.
std::string end_of_job_log(const std::filesystem::path& out_dir, const Record& start);

}  // namespace wfr
