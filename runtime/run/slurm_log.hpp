// What Slurm has written into the log of a job that it has ended: it may tell more than the job's
// state, and is there when the controller has forgotten the job.
#pragma once

#include "runtime/plan/state.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace wfr {

// "OUT_OF_MEMORY", "TIMEOUT" or "NODE_FAIL" by the last line of slurmstepd that gives a reason; ""
// without one. A kill for memory that Slurm finds by polling (JobAcctGatherParams=OverMemoryKill)
// leaves a job that is FAILED, as after any signal, but says so here. The texts are those of Slurm
// 17.11 to 23.11, src/slurmd/slurmstepd and src/plugins (jobacct_gather, cgroup).
std::string state_in_log(std::string_view text);

// Where the logs of jobs with secrets lie, below the out directory: nobody else may enter it.
constexpr std::string_view kPrivateLogs = "logs/private";
bool is_private_log(const std::filesystem::path& file);

// The logs of jobs below `out_dir`/logs, by one look at their names.
class JobLogs {
 public:
  explicit JobLogs(const std::filesystem::path& out_dir);
  // By job_text(); "" when there is none.
  [[nodiscard]] std::filesystem::path of(const std::string& job) const;

 private:
  std::map<std::string, std::filesystem::path> files_;
};
// The log of the job of a record; "" when there is none.
std::filesystem::path job_log(const std::filesystem::path& out_dir, const Record& record);
// Of the last 8 KiB of a log what others than wfr have written, "" when it cannot be read.
std::string end_of_file(const std::filesystem::path& file);

}  // namespace wfr
