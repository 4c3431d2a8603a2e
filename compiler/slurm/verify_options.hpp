// The options that every emitted script must have.
#pragma once

#include "compiler/slurm/verify_script.hpp"

namespace wfc::readback {

// --job-name, --output, --requeue or --no-requeue, --open-mode.
void check_options(const Script& script, Report& report);

}  // namespace wfc::readback
