// The pass that keeps the outputs of `temp` steps on the node's own disk. Private to this room.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/pass_note.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <vector>

namespace wfc {

// By StepId: a step with `temp` whose outputs are read in its own job alone. Those of others stay
// with the data; a warning says who reads them.
std::vector<bool> outputs_in_scratch(const Workflow& workflow,
                                     const wfr::TaskGraph& graph,
                                     const std::vector<wfr::Family>& families,
                                     std::vector<PassNote>& notes,
                                     Sink& sink);

}  // namespace wfc
