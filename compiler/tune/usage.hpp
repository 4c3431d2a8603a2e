// What the tasks of each step have used, from the records of all runs under one out directory.
#pragma once

#include "runtime/plan/state.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace wfc {

// Numbers of one kind, one a task.
class Sample {
 public:
  void add(double value) { values_.push_back(value); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  // The smallest value that at least a share of `q` (0 to 1) does not exceed: the inverse of the
  // empirical distribution (Hyndman and Fan 1996, "Sample quantiles", type 1). 0 without values.
  [[nodiscard]] double quantile(double q) const;
  [[nodiscard]] double max() const { return quantile(1); }
  [[nodiscard]] double sum() const;

 private:
  std::vector<double> values_;
};

struct StepUsage {
  Sample wall_s;             // of attempts that ended well
  Sample memory_mb;          // their peaks, where they are known
  double cpu_s = 0;          // of the same attempts
  double cpu_allowed_s = 0;  // wall time x cpus that they had
  std::uint64_t oom = 0;     // attempts that ran out of memory
  std::uint64_t timeouts = 0;
  double too_small_mb = 0;  // the most memory with which one of them failed
  double too_short_s = 0;   // the longest after which one was stopped
  // Attempts of an earlier command, which say nothing of this one: not counted above.
  std::uint64_t of_other_commands = 0;

  // 0 to 1; 0 when nothing is known.
  [[nodiscard]] double cpu_efficiency() const {
    return cpu_allowed_s > 0 ? cpu_s / cpu_allowed_s : 0;
  }
};

// By name of the step as the plan that ran last has it; a step that was renamed (`was`) keeps its
// past. Empty when nothing has run.
using Usage = std::map<std::string, StepUsage>;
Usage read_usage(const std::filesystem::path& out);

// One attempt, as a record of its end tells it. `same_command`: the step does what it did then.
void add_attempt(StepUsage& usage,
                 const wfr::Record& record,
                 const wfr::ResourceSpec& asked,
                 bool same_command);

}  // namespace wfc
