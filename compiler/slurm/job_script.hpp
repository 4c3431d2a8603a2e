// One sbatch script: what it asks Slurm for, the environment, and the exec of wfr.
#pragma once

#include "compiler/slurm/closing.hpp"
#include "compiler/slurm/emit.hpp"

#include <string>
#include <vector>

namespace wfc {

// From this time limit on a job asks for Slurm's warning two minutes before it, which comes up to a
// minute early, and at once when there is no time left for it.
inline constexpr std::uint64_t kWarnedSeconds = 240;

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
