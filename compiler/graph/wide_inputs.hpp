// Inputs that may hold what other steps make without naming it.
#pragma once

#include "compiler/graph/checks.hpp"
#include "compiler/graph/input_paths.hpp"

#include <vector>

namespace wfc {

// A glob or a directory among the inputs that may match, or hold, outputs of other tasks is an
// error, unless needs cover all of those tasks.
void check_wide_inputs(const Workflow& workflow,
                       const wfr::TaskGraph& graph,
                       const std::vector<OutputTemplate>& outputs,
                       const InputPaths& paths,
                       Sink& sink);

}  // namespace wfc
