// What `[jobs] split` would do for a workflow that does not ask for it, for `wfc plan --why`.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <vector>

namespace wfc {

// A note for each pair of families of which the later waits for all of the earlier (afterany),
// though each task needs something of its own directory alone: at the coarsest level that they are
// related by, or at one above it with fewer directories, if the site takes the split. Nothing where
// the workflow has a `split`. It partitions the workflow once more for each level that is tried.
void note_splits(const Workflow& workflow, const wfr::Plan& plan, std::vector<PassNote>& notes);

}  // namespace wfc
