// What the exit status of a command often means, and what to write instead.
#pragma once

#include "runtime/plan/step.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wfr {

// Behind the reason of a failed command that was started in `directory`; "" when nothing fits. What
// is known: a pipe whose reader ends early (141), `grep` that finds nothing (1), and a script that
// lies beside the workflow and not in the directory. `tail`: the end of its output. Looks at the
// disk.
std::string exit_hint(const StepSpec& step,
                      const std::string& directory,
                      const std::string& workflow_dir,
                      std::int32_t status,
                      std::string_view tail);

}  // namespace wfr
