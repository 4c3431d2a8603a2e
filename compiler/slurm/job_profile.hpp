// What happens inside one job, by the runtime's own scheduler under a clock that only jumps.
#pragma once

#include "compiler/slurm/simulate.hpp"
#include "compiler/slurm/task_times.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/run/scheduler.hpp"

#include <vector>

namespace wfc {

// Milliseconds from the begin of the job.
struct StepSpan {
  StepId step{};
  std::uint64_t tasks = 0;
  Milliseconds first = 0;  // its first task begins
  Milliseconds last = 0;   // its last task ends
};

struct JobProfile {
  Milliseconds run = 0;
  std::int64_t work_cpu_ms = 0;  // cpus times time of its tasks
  std::vector<StepSpan> steps;   // those with tasks, in topological order
};

// List scheduling of the tasks in the order of wfr::Scheduler. O(tasks log tasks).
JobProfile profile_job(const wfr::Plan& plan,
                       const wfr::StepRanges& tasks,
                       const std::vector<TaskTime>& times,
                       const wfr::Budget& budget);

Milliseconds milliseconds(double seconds);  // at least 1

}  // namespace wfc
