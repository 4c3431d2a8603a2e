// What a plan asks of a site: tasks, jobs, core-hours, and how near it comes to the site's limits.
#pragma once

#include "compiler/slurm/plan_workload.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

// The arrays of one family (its chunks), the verdict, or a finalizer.
struct DemandRow {
  std::string name;  // of the first script: "02-highpass"
  JobsOf of = JobsOf::Family;
  std::uint32_t pass = 1;     // above 1: for what has failed; not counted in tasks and hours
  std::vector<StepId> steps;  // none for the verdict
  std::uint64_t tasks = 0;
  std::uint64_t jobs = 0;
  std::vector<std::uint32_t> chunks;  // sizes of its arrays; empty for one plain job
  std::uint32_t at_once = 0;          // the sum of its %N that run at once; 0: no limit
  std::uint32_t nodes = 1;            // as the next four: of one job
  std::uint32_t cores = 1;
  std::uint64_t mem_mb = 0;  // of a node; 0: not asked for
  std::uint64_t time_s = 0;  // 0: not asked for
  double asked_core_s = 0;   // jobs x cores x time; 0 when no time is asked for
  double expected_core_s = 0;
};

struct CriticalPath {
  std::vector<StepId> steps;
  double seconds = 0;
};

struct Demand {
  std::vector<DemandRow> rows;
  std::uint64_t tasks = 0;  // without finalizers
  // As `wfc compile` counts them: each array task, later passes, the verdict and the finalizers.
  std::uint64_t jobs = 0;
  std::uint64_t submissions = 0;  // calls of sbatch
  double asked_core_s = 0;
  double expected_core_s = 0;
  bool asks_time = true;    // every job asks for one
  bool knows_time = false;  // a step's time is an estimate or of records
  CriticalPath critical_path;
  std::vector<std::string> doubts;  // "`sort` is expected to take longer than it asks for"
};

// `planned` is plan_workload() or local_workload() of the same.
Demand demand_of(const Workflow& workflow,
                 const wfr::Plan& plan,
                 const std::vector<TaskTime>& times,
                 const PlanWorkload& planned);

// The longest chain of tasks, with the same time for every task of a step. Steps without tasks and
// finalizers are on none.
CriticalPath critical_steps(const wfr::Plan& plan, const std::vector<TaskTime>& times);

}  // namespace wfc
