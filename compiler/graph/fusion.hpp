// The pass that joins chains of steps of one level. Private to this room.
#pragma once

#include "compiler/graph/draft.hpp"

#include <vector>

namespace wfc {

// A step joins the family of a step that it needs in the same directory, where `[jobs] fuse` or the
// step's own `fuse` asks for it, what both need of a job is the same, and no job has to wait for
// more than its first step does. Families that `per` or `job` placed are left alone. No cycle can
// arise.
std::vector<Draft> fuse(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        std::vector<Draft> drafts,
                        std::vector<PassNote>& notes);

}  // namespace wfc
