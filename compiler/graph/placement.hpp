// The pass that puts the steps of `[jobs] per` and `job = LEVEL` into one family each.
#pragma once

#include "compiler/graph/draft.hpp"

#include <vector>

namespace wfc {

// Steps that are asked to have jobs at one level become one family, unless what they need of a job
// differs, a step waits for tasks of other jobs of the family, or a step outside lies between them:
// then the later step is in a later family of the same level. Greedy in topological order, so the
// result has no cycle. O(steps x families x edges), nothing per task.
std::vector<Draft> place(const Workflow& workflow,
                         const wfr::TaskGraph& graph,
                         std::vector<Draft> drafts,
                         std::vector<PassNote>& notes);

}  // namespace wfc
