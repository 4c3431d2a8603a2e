// What Slurm says of jobs that have ended: the controller while it remembers them, then the
// accounting.
#pragma once

#include "runtime/plan/state.hpp"
#include "runtime/run/slurm_jobs.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace wfr {

// "812_3" of an element of a job array, else "812".
std::string job_text(const Record& start);

// A state that no job leaves, but by being queued again.
bool is_final_state(std::string_view state);

// Asks about many jobs at once: the controller by one squeue, which also has those that have just
// ended, then the accounting by as few sacct as a command line can take.
class SlurmStates {
 public:
  struct Clock {
    std::function<std::int64_t()> now_ns;                // monotonic
    std::function<void(std::int64_t duration_ns)> wait;  // returns after it
  };
  // `ask` gives up within some seconds.
  SlurmStates(AskCommand ask, Clock clock);

  // By job_text(): "NODE_FAIL", "TIMEOUT", ...; without those that nobody knows.
  // slurmdbd lags, by 15 s when it was away: while a job has not ended for it, it is asked again,
  // for up to kPatienceNs in all. What fails or hangs is not asked again, and when all questions
  // together have taken kMostNs nothing is.
  std::map<std::string, std::string> of(const std::set<std::string>& jobs);

  static constexpr std::int64_t kPatienceNs = 30'000'000'000;
  static constexpr std::int64_t kMostNs = 120'000'000'000;
  static constexpr std::size_t kMostBytes = 30'000;  // of the ids in one command

 private:
  using States = std::map<std::string, std::string>;
  // Takes out of `open` what has ended; true while something is known not to have.
  bool ask_once(std::set<std::string>& open, States& states);
  void ask_squeue(const std::set<std::string>& jobs, States& states);
  void ask_sacct(const std::set<std::string>& jobs, States& states);
  [[nodiscard]] bool has_time() const { return clock_.now_ns() - begun_ns_ < kMostNs; }

  AskCommand ask_;
  Clock clock_;
  bool has_squeue_ = true;
  bool has_sacct_ = true;
  std::int64_t begun_ns_ = 0;
};

}  // namespace wfr
