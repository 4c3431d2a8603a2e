// The rows of a file of pairs as tasks of the two steps.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

namespace wfc {

// Sets the edge's pairs and its level. Reports rows that name no directory, rows that come twice,
// and a cycle among the pairs of one step; rows of tasks that `where`, `only` or `exclude` leave
// out are left out with one note. O(rows x depth x log names).
void bind_pairs(const Workflow& workflow,
                const NeedDef& need,
                wfr::TaskGraph& graph,
                wfr::Edge& edge,
                Sink& sink);

}  // namespace wfc
