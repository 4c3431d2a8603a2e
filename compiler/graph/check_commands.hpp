// Commands that are known to be too long before any of them runs.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

namespace wfc {

// Of each step that names paths of needs or inputs in `run` or `argv`, the task with the most of
// them: paths of needs as they will be made, inputs from outside as they are on the disk. What
// patterns of other steps will match is not known, and counts nothing.
void check_commands(const Workflow& workflow,
                    const wfr::Plan& plan,
                    const DataRoot& root,
                    Sink& sink);

}  // namespace wfc
