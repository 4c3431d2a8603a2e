// Plan -> Workload: what the simulation needs to know of a plan's jobs.
#pragma once

#include "compiler/slurm/job_profile.hpp"
#include "compiler/slurm/resources.hpp"
#include "compiler/slurm/simulate.hpp"
#include "compiler/slurm/task_times.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wfc {

enum class JobsOf : std::uint8_t { Family, Verdict, Finalizer };

// What one array of the workload stands for.
struct PlannedArray {
  std::string name;  // the script's: "02-highpass.1", "08-verdict"
  JobsOf of = JobsOf::Family;
  wfr::FamilyId family{};              // JobsOf::Family
  std::uint32_t pass = 1;              // above 1: runs just what has failed before
  std::optional<StepId> finalizer;     // JobsOf::Finalizer
  JobRequest request;                  // what one job asks Slurm for
  std::uint32_t cores = 1;             // of one job, over all its nodes
  std::vector<std::uint32_t> profile;  // by element: into PlanWorkload::profiles
};

struct PlanWorkload {
  Workload workload;
  std::vector<PlannedArray> arrays;  // parallel to workload.arrays
  std::vector<JobProfile> profiles;
};

// Arrays in the order of submission, the verdict, then the finalizers that run after success.
// Blocks with as many tasks of each step are taken to last as long. A job of a step whose time is
// not known better is never taken to last longer than the time it asks for.
PlanWorkload plan_workload(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const std::vector<TaskTime>& times);
// The same for `wfc run` on a machine of this size: one job, then the finalizers one by one.
PlanWorkload local_workload(const Workflow& workflow,
                            const wfr::Plan& plan,
                            const std::vector<TaskTime>& times,
                            const wfr::Budget& machine);

// Cpus of one job over all its nodes: --ntasks or --ntasks-per-node times --cpus-per-task; whole
// nodes when it is exclusive and the site says how large they are.
std::uint32_t cores_of(const Site& site, const JobRequest& request);

}  // namespace wfc
