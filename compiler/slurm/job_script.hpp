// One sbatch script: what it asks Slurm for, the environment, and the exec of wfr.
#pragma once

#include "compiler/slurm/emit.hpp"
#include "compiler/slurm/resources.hpp"

#include <string>
#include <vector>

namespace wfc {

// From this time limit on a job asks for Slurm's warning two minutes before it, which comes up to a
// minute early, and at once when there is no time left for it.
inline constexpr std::uint64_t kWarnedSeconds = 240;

// The verdict and the finalizers come after all arrays; the verdict has no step.
struct ClosingJob {
  std::string name;  // "07-verdict"
  StepId step{wfr::kNone};
  bool is_verdict = false;
};
// The verdict first, then the finalizers in the plan's order.
std::vector<ClosingJob> closing_jobs(const wfr::Plan& plan);

// What the verdict's job asks for.
JobRequest verdict_request(const Workflow& workflow, const wfr::Plan& plan);

// The script of an array, jobs/NAME.sbatch.
std::string array_script(const Workflow& workflow,
                         const wfr::Plan& plan,
                         const wfr::JobArray& array,
                         const TemplateReader& templates,
                         Sink& sink);
std::string closing_script(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const ClosingJob& job,
                           const TemplateReader& templates,
                           Sink& sink);

}  // namespace wfc
