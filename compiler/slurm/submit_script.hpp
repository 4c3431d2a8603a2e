// submit.sh, the table of jobs, and bin/submit, the shell functions that submit it exactly once.
#pragma once

#include "compiler/slurm/emit.hpp"

#include <string>

namespace wfc {

std::string submit_script(const Workflow& workflow,
                          const wfr::Plan& plan,
                          const TemplateReader& templates);
// bin/submit and bin/srun-options, which are the same for every workflow.
std::string submit_program(const TemplateReader& templates);
std::string srun_options(const TemplateReader& templates);

}  // namespace wfc
