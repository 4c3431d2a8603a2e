// Workflow + Tree -> TaskGraph: instance sets and edges; nothing per task.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <filesystem>

namespace wfc {

// Fills in `edge` and `made_by_edge` of the workflow's step specs and gives the graph. Checks: two
// tasks with one output path, an input nobody makes, a gather over no producers. `root` is for the
// check that outside inputs exist (at most 1000 looked at a step).
struct Expanded {
  Workflow workflow;
  wfr::TaskGraph graph;
};
Expanded expand(Workflow workflow, wfr::Tree tree, const DataRoot& root, Sink& sink);

}  // namespace wfc
