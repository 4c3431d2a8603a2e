// Reads scontrol's and sacct's words for the state of a job, and asks again while they lag.
#include "runtime/run/slurm_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::int64_t kPauseNs = 500'000'000;

// Slurm 22.05, slurm.h: enum job_states and the flags above it.
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
constexpr std::array<std::string_view, 13> kNotFinal = {"COMPLETING",
                                                        "CONFIGURING",
                                                        "PENDING",
                                                        "REQUEUED",
                                                        "REQUEUE_FED",
                                                        "REQUEUE_HOLD",
                                                        "RESIZING",
                                                        "RUNNING",
                                                        "SIGNALING",
                                                        "SPECIAL_EXIT",
                                                        "STAGE_OUT",
                                                        "STOPPED",
                                                        "SUSPENDED"};

template <std::size_t N>
bool is_among(std::string_view state, const std::array<std::string_view, N>& states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

// The capital letters that `text` begins with.
std::string_view word_of(std::string_view text) {
  const auto* end = std::find_if_not(
      text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

std::string job_text(const Record& start) {
  if (start.array_job_id > 0) return fmt::format("{}_{}", start.array_job_id, start.array_task_id);
  return fmt::format("{}", start.job_id);
}

std::string state_in_scontrol(std::string_view text) {
  constexpr std::string_view kName = "JobState=";
  const std::size_t found = text.find(kName);
  if (found == std::string_view::npos) return {};
  return std::string(word_of(text.substr(found + kName.size())));
}

std::string state_in_sacct(std::string_view text) {
  std::string_view state;
  while (!text.empty()) {
    const std::string_view word = word_of(text);
    if (is_final_state(word) || is_among(word, kNotFinal)) state = word;
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return std::string(state);
}

bool is_final_state(std::string_view state) {
  return is_among(state, kFinal);
}

SlurmStates::SlurmStates(Ask ask, Clock clock) : ask_(std::move(ask)), clock_(std::move(clock)) {}

std::string SlurmStates::ask_once(const std::string& job) {
  std::string state;
  if (const auto shown = ask_({"scontrol", "--oneliner", "show", "job", job})) {
    state = state_in_scontrol(*shown);
  }
  if (is_final_state(state) || !has_sacct_) return state;
  const auto told = ask_({"sacct", "-n", "-P", "-X", "-o", "State", "-j", job});
  has_sacct_ = told.has_value();
  std::string by_sacct = told ? state_in_sacct(*told) : std::string();
  return by_sacct.empty() ? state : by_sacct;
}

std::string SlurmStates::of(const Record& start) {
  if (start.job_id == 0) return {};
  const std::string job = job_text(start);
  std::string state;
  while (spent_ns_ < kMostNs) {
    const std::int64_t begun_ns = clock_.now_ns();
    state = ask_once(job);
    const bool again = !state.empty() && !is_final_state(state) && waited_ns_ < kPatienceNs;
    if (again) {
      clock_.wait(kPauseNs);
      waited_ns_ += kPauseNs;
    }
    spent_ns_ += clock_.now_ns() - begun_ns;
    if (!again) break;
  }
  return state;
}

}  // namespace wfr
