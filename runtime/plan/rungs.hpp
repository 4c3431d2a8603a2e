// The retry ladder: what one attempt may use in each pass, and which failures a pass mends.
//
// Pass 1 is the workflow itself. A task that has run out of memory or time fails there for good, as
// far as its own job goes, and nobody waits for it. Pass 2 runs it again with more, then what needs
// it; pass 3 what has failed in pass 2 for the same reason, and so on.
#pragma once

#include "runtime/plan/step.hpp"

#include <cstdint>
#include <vector>

namespace wfr {

// A factor of two this often is 256 times as much.
inline constexpr std::uint32_t kMostPasses = 9;

// What there is to be had: of a job, a partition, a machine. 0: not known.
struct Ceiling {
  std::uint64_t mem_mb = 0;
  std::uint64_t time_s = 0;
};

// What one attempt of a step has in a pass; 0: not bounded.
struct Rung {
  std::uint64_t mem_mb = 0;
  std::uint64_t time_s = 0;
  std::uint64_t timeout_s = 0;
};

// `amount` grown `pass` - 1 times by `percent`, each time rounded up.
std::uint64_t grown(std::uint64_t amount, std::uint32_t percent, std::uint32_t pass);
// The step's own amounts, grown as far as its `times` allow, and cut at the ceiling, which never
// takes from the first pass.
Rung rung_of(const StepSpec& step, std::uint32_t pass, Ceiling ceiling);

// True if another attempt with the same resources would end alike and the step's `retry` has more
// to give: such a failure is left to the next pass.
bool escalates(const RetrySpec& retry, FailureKind kind);
// Whether `on` names this failure. What is lost without a known reason counts as a node's failure.
bool is_retried(const RetrySpec& retry, FailureKind kind);

// Whether a failure of the pass before may be tried again in this one: there is more of what was
// short, or its node was at fault.
bool mends(const StepSpec& step, FailureKind kind, std::uint32_t pass, Ceiling ceiling);
// The last pass that has more for a step than the one before; 1: it is not repeated.
std::uint32_t last_pass_of(const StepSpec& step, Ceiling ceiling);

// Gives every step the resources of the pass.
void climb(std::vector<StepSpec>& steps, std::uint32_t pass, Ceiling ceiling);

}  // namespace wfr
