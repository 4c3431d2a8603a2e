// The bash that prepares what the commands of a step run in: modules, conda, then `setup`. A job's
// script and `wfc run` use the same text.
#pragma once

#include "runtime/plan/step.hpp"

#include <string>

namespace wfr {

// Whether there is anything to prepare. `env` is not part of it: wfr sets that afterwards.
bool needs_preparation(const EnvironmentSpec& spec);

// Bash source, with a newline at its end. It runs without `-e` and `-u`. Where something fails it
// calls `wfc_unprepared WHAT`, with the exit status in `$?`; before the parts that may end the
// shell it sets `wfc_doing` to WHAT. The caller has defined that function, and calls it when the
// shell ends early.
std::string preparation_text(const EnvironmentSpec& spec);

}  // namespace wfr
