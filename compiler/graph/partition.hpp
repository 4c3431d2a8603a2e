// TaskGraph -> JobGraph: which tasks one job executes.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/pass_note.hpp"
#include "compiler/graph/split.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <vector>

namespace wfc {

struct JobGraph {
  std::vector<wfr::BlockMap> maps;
  std::vector<wfr::Family> families;  // acyclic, topological; finalizers are in none
  std::vector<bool> in_scratch;       // by StepId: see StepSpec
  Split split;                        // what the maps are cut by, and the arrays have to be
  wfr::Storage storage;
  std::vector<PassNote> notes;
};

// What `[jobs]` and the steps' keys ask for, pass by pass, but for `split`.
JobGraph partition(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const Split& split,
                   Sink& sink);
// The same with the `split` that `[jobs]` asks for, whatever number of job arrays comes of it.
JobGraph partition(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// One family, one block: everything in one job, as on one machine.
JobGraph partition_whole(const Workflow& workflow, const wfr::TaskGraph& graph);

}  // namespace wfc
