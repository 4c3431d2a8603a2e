// The options that every emitted script must have.
#pragma once

#include "compiler/slurm/verify_script.hpp"

#include <string>

namespace wfc::readback {

// --job-name, --output, --requeue or --no-requeue, --open-mode.
// `workflow` is the name that the plan has.
void check_options(const Script& script, const std::string& workflow, Report& report);

}  // namespace wfc::readback
