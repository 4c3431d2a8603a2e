// The options that every emitted script must have.
#pragma once

#include "compiler/slurm/verify_script.hpp"

#include <string>

namespace wfc::readback {

// The site has one policy for all jobs.
void check_same_export(const Script& script, const Script& first, Report& report);
// --job-name, --output, --requeue or --no-requeue, --open-mode.
// `workflow` is the name that the plan has.
void check_options(const Script& script, const std::string& workflow, Report& report);

}  // namespace wfc::readback
