// What became of every task of a plan, from the slots alone.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wfr {

struct Caller;  // runtime/plan/proposal.hpp

struct StepVerdict {
  StepId step{};
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t upstream_failed = 0;  // recorded, or without a slot below a task that is not done
  std::uint64_t waiting = 0;          // of upstream_failed: what they wait for may still be done
  std::uint64_t not_run = 0;          // nothing stands in their way
};

struct FailedSlot {
  Task task;
  Slot slot;
};

struct PlanVerdict {
  std::vector<StepVerdict> steps;    // without finalizers, in topological order
  std::vector<FailedSlot> failures;  // the first of them, in this order; failed and cancelled ones
  [[nodiscard]] bool all_done() const;
};

// One pass over the slots; at most `most_failures` are kept. What is `stale` counts as not run: see
// still_stale().
PlanVerdict derive_verdict(const Plan& plan,
                           const StatePaths& state,
                           std::size_t most_failures,
                           const Selection& stale);

// A table of steps, what has failed and what to type. Safe to show.
std::string verdict_text(const Plan& plan,
                         const PlanVerdict& verdict,
                         const StatePaths& state,
                         const Caller& caller);
std::string verdict_json(const Plan& plan, const PlanVerdict& verdict, const StatePaths& state);

// The words after `wfr verdict`: [--out DIR] [--plan HASH] [--run RUNID] [--mail TO [--mail-on
// end|failure]]. The out directory is
// found by itself: the working directory, or the one that this program lies in. Returns 0 if and
// only if every task is done, 1 otherwise.
int verdict_command(std::span<const std::string> words);

}  // namespace wfr
