// What to ask for, from what was used.
#pragma once

#include "compiler/tune/usage.hpp"
#include "runtime/plan/step.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wfc {

// One step's entry of resources.lock.toml; nullopt where nothing is known.
struct Proposal {
  std::optional<std::uint64_t> mem_mb;
  std::optional<std::uint64_t> time_s;
  std::optional<double> estimate_s;
  [[nodiscard]] bool empty() const { return !mem_mb && !time_s && !estimate_s; }
};

// How much above the largest of `tasks` peaks is asked for. The next task exceeds the largest of n
// like it with a chance of 1 in n + 1; from 59 tasks on the largest lies above the 95 % quantile
// with 95 % confidence (Wilks 1941, "Determination of sample sizes for setting tolerance limits").
//   59 tasks and more: x 1.2; 10 and more: x 1.3; fewer: x 1.4
double memory_margin(std::size_t tasks);

// Memory: largest peak x memory_margin(), and at least 1.5 x what one attempt ran out of, rounded
// up to 64 MB, at least 128 MB.
// Time: 1.5 x the 99 % quantile (2 x with fewer than 10 tasks), at least 1.1 x the longest, and at
// least 2 x what one attempt was stopped after; rounded up to minutes, at least one.
// Estimate: the median.
// A step of several nodes or Slurm tasks gets no memory: most of its processes are not wfr's, and
// are not measured.
Proposal propose(const StepUsage& usage, const wfr::ResourceSpec& asked);

}  // namespace wfc
