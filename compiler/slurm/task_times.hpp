// How long one task of each step takes, as far as anybody knows.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace wfc {

// In the order of preference.
enum class TimeFrom : std::uint8_t {
  Estimate,  // `estimate` of the step
  Records,   // the mean of tasks that were done earlier
  Asked,     // its time limit: an upper bound
  Assumed,   // nothing is known: kAssumedTaskSeconds
};

inline constexpr double kAssumedTaskSeconds = 3600;
// The verdict reads 64 bytes a task.
inline constexpr double kVerdictTaskSeconds = 0.05;

struct StepHistory {
  std::uint64_t tasks = 0;
  double mean_s = 0;
};
using History = std::map<std::string, StepHistory>;  // by the step's name, or its former one

struct TaskTime {
  double seconds = 0;
  TimeFrom from = TimeFrom::Assumed;
  std::uint64_t records = 0;  // TimeFrom::Records: how many
};

// By StepId.
std::vector<TaskTime> task_times(const Workflow& workflow, const History& history);
// "estimate", "records", "asked", "assumed".
const char* time_from_name(TimeFrom from);

}  // namespace wfc
