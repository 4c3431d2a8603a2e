// submit.sh: the table of jobs, and the shell functions that submit it exactly once.
#pragma once

#include "compiler/slurm/emit.hpp"

#include <string>

namespace wfc {

std::string submit_script(const Workflow& workflow,
                          const wfr::Plan& plan,
                          const TemplateReader& templates);

}  // namespace wfc
