// Reads squeue's and sacct's words for the states of jobs, and asks again while they lag.
#include "runtime/run/slurm_state.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::int64_t kPauseNs = 500'000'000;

// Slurm 22.05, slurm.h: enum job_states.
constexpr std::array<std::string_view, 10> kFinal = {"BOOT_FAIL",
                                                     "CANCELLED",
                                                     "COMPLETED",
                                                     "DEADLINE",
                                                     "FAILED",
                                                     "NODE_FAIL",
                                                     "OUT_OF_MEMORY",
                                                     "PREEMPTED",
                                                     "REVOKED",
                                                     "TIMEOUT"};

// Of the whole array: squeue looks for it in all that it has.
std::string array_id(const std::string& job) {
  return job.substr(0, job.find('_'));
}

// Joined by commas, in texts that a command line can take.
std::vector<std::string> joined(const std::set<std::string>& words, std::size_t most) {
  std::vector<std::string> texts;
  for (const std::string& word : words) {
    if (texts.empty() || texts.back().size() + word.size() >= most) {
      texts.push_back(word);
    } else {
      texts.back() += "," + word;
    }
  }
  return texts;
}

}  // namespace

std::string job_text(const Record& start) {
  if (start.array_job_id > 0) return fmt::format("{}_{}", start.array_job_id, start.array_task_id);
  return fmt::format("{}", start.job_id);
}

bool is_final_state(std::string_view state) {
  return std::find(kFinal.begin(), kFinal.end(), state) != kFinal.end();
}

SlurmStates::SlurmStates(AskCommand ask, Clock clock)
    : ask_(std::move(ask)), clock_(std::move(clock)) {}

void SlurmStates::ask_squeue(const std::set<std::string>& jobs, States& states) {
  std::set<std::string> ids;
  for (const std::string& job : jobs) ids.insert(array_id(job));
  for (const std::string& text : joined(ids, kMostBytes)) {
    if (!has_squeue_ || !has_time()) return;
    const std::optional<std::string> told = ask_({"squeue",
                                                  "--noheader",
                                                  "--array",
                                                  "--states=all",
                                                  "--format=%F|%K|%T|%r",
                                                  "--jobs=" + text});
    // Of a single job that it has forgotten it makes an error, and it will not remember it.
    has_squeue_ = told.has_value();
    for (const SlurmJob& job : parse_squeue(told.value_or(""))) {
      if (jobs.contains(job_text(job))) states[job_text(job)] = job.state;
    }
  }
}

void SlurmStates::ask_sacct(const std::set<std::string>& jobs, States& states) {
  for (const std::string& text : joined(jobs, kMostBytes)) {
    if (!has_sacct_ || !has_time()) return;
    const std::optional<std::string> told =
        ask_({"sacct", "-n", "-P", "-X", "-o", "JobID,State,ExitCode,NodeList", "-j", text});
    has_sacct_ = told.has_value();
    for (const SlurmJob& job : parse_sacct(told.value_or(""))) {
      if (jobs.contains(job_text(job))) states[job_text(job)] = job.state;
    }
  }
}

bool SlurmStates::ask_once(std::set<std::string>& open, States& states) {
  const auto take_final = [&] {
    std::erase_if(open, [&](const std::string& job) {
      const auto found = states.find(job);
      return found != states.end() && is_final_state(found->second);
    });
  };
  ask_squeue(open, states);
  take_final();
  ask_sacct(open, states);
  take_final();
  return std::any_of(
      open.begin(), open.end(), [&](const std::string& job) { return states.contains(job); });
}

std::map<std::string, std::string> SlurmStates::of(const std::set<std::string>& jobs) {
  States states;
  std::set<std::string> open = jobs;
  begun_ns_ = clock_.now_ns();
  // Nobody is waited for because nobody knows it; but while others are, it may become known.
  for (std::int64_t waited_ns = 0; ask_once(open, states) && waited_ns < kPatienceNs && has_time();
       waited_ns += kPauseNs) {
    clock_.wait(kPauseNs);
  }
  return states;
}

}  // namespace wfr
