// Pairs of tasks of one step that lead back to where they began. Private to this room.
#pragma once

#include "runtime/plan/graph.hpp"

#include <vector>

namespace wfc {

// Tasks of the edge's one step, each of which waits for the next and the last for the first, from
// the one with the smallest index on; empty when there is no cycle. The shortest through one of
// its tasks; the same for the same pairs. O(tasks + pairs).
std::vector<wfr::TaskIndex> pair_circle(const wfr::TaskGraph& graph, const wfr::Edge& edge);

}  // namespace wfc
