// What Slurm says of a job: the controller while it remembers it, then the accounting.
#pragma once

#include "runtime/plan/state.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// "812_3" of an element of a job array, else "812".
std::string job_text(const Record& start);

// The word behind JobState= of `scontrol show job`; "" without one. While a job is cleaned up it
// is COMPLETING, whatever has ended it.
std::string state_in_scontrol(std::string_view text);
// The state in the last line of `sacct -n -P -X -o State` that has one: "CANCELLED" of "CANCELLED
// by 0". Lines of something else (errors come among them) are left out.
std::string state_in_sacct(std::string_view text);
// A state that no job leaves, but by being queued again.
bool is_final_state(std::string_view state);

// Asks about one job after the other.
class SlurmStates {
 public:
  // The output of a command that has ended well, as capture().
  using Ask = std::function<std::optional<std::string>(const std::vector<std::string>& argv)>;
  struct Clock {
    std::function<std::int64_t()> now_ns;                // monotonic
    std::function<void(std::int64_t duration_ns)> wait;  // returns after it
  };
  SlurmStates(Ask ask, Clock clock);

  // "NODE_FAIL", "TIMEOUT", ...; "" when nobody knows the job, or nobody answers.
  // slurmdbd lags, by 15 s when it was away: while the job has not ended for it, it is asked again,
  // for up to kPatienceNs in all. Where sacct fails it is not asked again, and when all questions
  // together have taken kMostNs nothing is.
  std::string of(const Record& start);

  static constexpr std::int64_t kPatienceNs = 30'000'000'000;
  static constexpr std::int64_t kMostNs = 120'000'000'000;

 private:
  std::string ask_once(const std::string& job);

  Ask ask_;
  Clock clock_;
  bool has_sacct_ = true;
  std::int64_t waited_ns_ = 0;
  std::int64_t spent_ns_ = 0;
};

}  // namespace wfr
