// Runs a job's tasks on a clock that jumps from end to end.
#include "compiler/slurm/job_profile.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <queue>

namespace wfc {
namespace {

struct TaskEnd {
  Milliseconds at = 0;
  wfr::Task task;
  friend bool operator>(const TaskEnd& a, const TaskEnd& b) {
    if (a.at != b.at) return a.at > b.at;
    if (a.task.step != b.task.step) return a.task.step > b.task.step;
    return a.task.index > b.task.index;
  }
};

}  // namespace

Milliseconds milliseconds(double seconds) {
  constexpr double kMost = 1e15;
  return std::max<Milliseconds>(1, std::llround(std::min(seconds * 1000, kMost)));
}

JobProfile profile_job(const wfr::Plan& plan,
                       const wfr::StepRanges& tasks,
                       const std::vector<TaskTime>& times,
                       const wfr::Budget& budget) {
  JobProfile profile;
  std::vector<std::uint32_t> position(plan.steps.size(), wfr::kNone);
  for (const auto& [step, ranges] : tasks) {
    if (ranges.empty()) continue;
    position[wfr::index_of(step)] = static_cast<std::uint32_t>(profile.steps.size());
    profile.steps.push_back({step, 0, 0, 0});
    for (const wfr::Range& range : ranges) profile.steps.back().tasks += range.size();
  }
  wfr::Scheduler scheduler(plan, range_by_range(tasks), budget);
  std::priority_queue<TaskEnd, std::vector<TaskEnd>, std::greater<>> running;
  while (scheduler.remaining() > 0) {
    while (const std::optional<wfr::Task> task = scheduler.next()) {
      StepSpan& span = profile.steps[position[wfr::index_of(task->step)]];
      const Milliseconds takes = milliseconds(times[wfr::index_of(task->step)].seconds);
      const Milliseconds end = profile.run + takes;
      profile.work_cpu_ms += takes * scheduler.cpus_of(task->step);
      if (span.last == 0) span.first = profile.run;
      span.last = std::max(span.last, end);
      running.push({end, *task});
    }
    if (running.empty()) break;
    const TaskEnd ended = running.top();
    running.pop();
    profile.run = ended.at;
    scheduler.release(ended.task);
    scheduler.finished(ended.task);
  }
  return profile;
}

}  // namespace wfc
