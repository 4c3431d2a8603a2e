// Estimates before records before time limits.
#include "compiler/slurm/task_times.hpp"

namespace wfc {
namespace {

const StepHistory* find(const History& history, const std::string& name) {
  const auto it = history.find(name);
  return it == history.end() || it->second.tasks == 0 ? nullptr : &it->second;
}

TaskTime time_of(const StepDef& step, const History& history) {
  if (step.estimate_s > 0) return {step.estimate_s, TimeFrom::Estimate, 0};
  const StepHistory* known = find(history, step.spec.name);
  if (known == nullptr && !step.spec.was.empty()) known = find(history, step.spec.was);
  if (known != nullptr) return {known->mean_s, TimeFrom::Records, known->tasks};
  if (step.spec.resources.time_s > 0) {
    return {static_cast<double>(step.spec.resources.time_s), TimeFrom::Asked, 0};
  }
  return {kAssumedTaskSeconds, TimeFrom::Assumed, 0};
}

}  // namespace

std::vector<TaskTime> task_times(const Workflow& workflow, const History& history) {
  std::vector<TaskTime> times;
  times.reserve(workflow.steps.size());
  for (const StepDef& step : workflow.steps) times.push_back(time_of(step, history));
  return times;
}

const char* time_from_name(TimeFrom from) {
  switch (from) {
    case TimeFrom::Estimate:
      return "estimate";
    case TimeFrom::Records:
      return "records";
    case TimeFrom::Asked:
      return "asked";
    case TimeFrom::Assumed:
      break;
  }
  return "assumed";
}

}  // namespace wfc
