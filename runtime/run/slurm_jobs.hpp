// What Slurm still knows of some jobs: two or three short questions, for people who ask how it
// goes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// A job, or an array task of one.
struct SlurmJob {
  std::uint32_t id = 0;  // of the whole array
  std::optional<std::uint32_t> index;
  std::string state;      // "PENDING", "FAILED", ...
  std::string reason;     // "JobHeldUser", "NonZeroExitCode"; "" when it is not known
  std::string exit_code;  // "0:53"; "" when it is not known
  std::string nodes;
};
// "12_3" or "12".
std::string job_text(const SlurmJob& job);

// Lines of `squeue -h -r -o %F|%K|%T|%r`; what is something else is left out.
std::vector<SlurmJob> parse_squeue(std::string_view text);
// Lines of `sacct -n -P -X -o JobID,State,ExitCode,NodeList`.
std::vector<SlurmJob> parse_sacct(std::string_view text);
// The value of KEY= in a line of `scontrol --oneliner show job`; "" without one.
std::string value_in_scontrol(std::string_view text, std::string_view key);

struct SlurmQuestion {
  std::vector<std::uint32_t> ids;
  std::string user;     // who has submitted them: a number
  std::string cluster;  // "" for the own one
};
// The stdout of a command that has ended well within some seconds.
using AskCommand = std::function<std::optional<std::string>(const std::vector<std::string>& argv)>;

// What is known of the jobs: by squeue, which also has those that have just ended; of those that it
// has forgotten, by sacct where there is one. nullopt: Slurm does not answer.
std::optional<std::vector<SlurmJob>> ask_jobs(const SlurmQuestion& question, const AskCommand& ask);
// Fills in what `scontrol show job` tells of a job that has ended.
void ask_details(SlurmJob& job, const std::string& cluster, const AskCommand& ask);

// The memory of "cpu=1,mem=100M,node=1", in MB; 0 without one.
std::uint64_t memory_in_tres(std::string_view tres);
// What Slurm gave the job "12_3" in all, in MB; 0 when it is not known.
std::uint64_t ask_memory_mb(const std::string& job, const AskCommand& ask);

}  // namespace wfr
