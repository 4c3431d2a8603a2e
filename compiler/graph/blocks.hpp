// The pass that cuts the directories of every level into blocks. Private to this room.
#pragma once

#include "compiler/graph/draft.hpp"
#include "compiler/graph/partition.hpp"
#include "compiler/graph/split.hpp"

#include <vector>

namespace wfc {

// The nodes of `level` at or below which any of the steps has a task. O(nodes x steps).
wfr::InstanceSet nodes_with_work(const wfr::TaskGraph& graph,
                                 LevelId level,
                                 const std::vector<StepId>& steps,
                                 wfr::Storage& storage);

// Sets the blocks of a map that has nodes only.
void add_clusters(const Clusters& clusters, wfr::BlockMap& map, wfr::Storage& storage);

// A family for each draft, in order, without its resources. Drafts of one level and one pack share
// a block map over the union of their nodes, so that equal indices mean equal directories.
// No block goes beyond a cut of `split`.
JobGraph cut_blocks(const wfr::TaskGraph& graph,
                    const std::vector<Draft>& drafts,
                    const Split& split);

}  // namespace wfc
