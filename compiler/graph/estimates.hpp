// How long tasks take, by the size of what they read. Private to this room.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <filesystem>

namespace wfc {

// Sets the estimate of each step with a `rate`: seconds for the largest inputs of one task, of
// those that are on the disk now and that no step makes. At most 1000 tasks of a step are looked
// at, evenly spread. A step with a `rate` of its own and nothing there to be measured is an error.
void estimate_by_inputs(Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const DataRoot& root,
                        Sink& sink);

}  // namespace wfc
