// How long jobs take, from what is known of their tasks. Private to this room.
#pragma once

#include "compiler/workflow/site_limits.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wfc {

// Some tasks of each step, and what the job that runs them has.
struct JobLoad {
  std::vector<StepId> steps;         // topological order
  std::vector<std::uint32_t> tasks;  // parallel to steps
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;  // 0: not counted
  std::uint32_t chain = 0;   // tasks of a step that wait for each other at most; 0: not known
};

// Expected seconds of one task: its `estimate`, else its `time` as an upper bound; 0: not known.
double task_seconds(const StepDef& step);

// Tasks of a step that such a job runs at once.
std::uint32_t tasks_at_once(const StepDef& step, const JobLoad& load);

// How often one task after the other the job has to run one of its step `i`, whose tasks take
// equally long: what fills its cpus, and the longest chain of tasks that wait for each other.
double rounds(const Workflow& workflow,
              const wfr::TaskGraph& graph,
              const JobLoad& load,
              std::size_t i);

// Seconds until the scheduler of the runtime has run them all; nullopt when the time of a step is
// not known. Never above the sum of all tasks, which is how long one after the other takes. Else
// Graham's bound of list scheduling (R. L. Graham, "Bounds for certain multiprocessing anomalies",
// Bell System Technical Journal 45, 1966): work divided by what runs at once, and the critical
// path. Where tasks of unlike sizes wait for each other's cpus it may be exceeded a little.
std::optional<double> makespan(const Workflow& workflow,
                               const wfr::TaskGraph& graph,
                               const JobLoad& load);

// What a job with so many tasks of these steps asks for: the most that any of them does, and at
// least what `[jobs]` says when it runs several tasks. Where that gives it cpus but no memory, or
// all cpus of an exclusive node, it asks for what the tasks need that can run at once there, no
// more than a node has; 0 for all memory of a node whose size is not known. The time is left to
// job_time().
wfr::ResourceSpec job_size(const Workflow& workflow,
                           const std::vector<StepId>& steps,
                           const std::vector<std::uint32_t>& tasks);
// Sets `cpus` and `mem_mb` from the steps and tasks: what job_size() asks for, or a whole node.
void set_room(const Workflow& workflow, JobLoad& load);
// What the site lets a job of these steps ask for, in any of the partitions that they name or else
// in any at all.
JobLimits limits_for(const Workflow& workflow, const std::vector<StepId>& steps);
// The longest time in seconds that the site lets a job of these steps run, in any of the partitions
// that they name or else in any at all; 0: not known.
std::uint64_t longest_time(const Workflow& workflow, const std::vector<StepId>& steps);
// The time limit of a job in seconds, 0: not known. Of several tasks: `[jobs] time`, else their
// makespan and a fifth, in whole minutes and at least five; but not above the longest if they
// fit without that fifth.
std::uint64_t job_time(const Workflow& workflow, const wfr::TaskGraph& graph, const JobLoad& load);

// One task of each step at one directory: false when it is known to take longer than the longest.
bool fits_the_time(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<StepId>& steps);

}  // namespace wfc
