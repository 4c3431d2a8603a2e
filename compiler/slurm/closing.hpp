// The jobs that come after all arrays: the verdict and the finalizers.
#pragma once

#include "compiler/slurm/resources.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <string>
#include <vector>

namespace wfc {

// The verdict has no step.
struct ClosingJob {
  std::string name;  // "07-verdict"
  StepId step{wfr::kNone};
  bool is_verdict = false;
};
// The verdict first, then the finalizers in the plan's order.
std::vector<ClosingJob> closing_jobs(const wfr::Plan& plan);

// What the verdict's job asks for. A partition for GPUs is chosen only where the site has no other
// one that takes the job; the same holds for a finalizer that asks for none.
JobRequest verdict_request(const Workflow& workflow, const wfr::Plan& plan);
JobRequest finalizer_request(const Workflow& workflow, StepId finalizer);

}  // namespace wfc
