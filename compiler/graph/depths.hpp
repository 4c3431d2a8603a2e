// Steps that need themselves through pairs, where the pairs lead from one job to another: the jobs
// of one depth become arrays of their own.
#pragma once

#include "compiler/graph/draft.hpp"
#include "compiler/graph/split.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wfc {

// True if a task of the step may wait for one of another directory of `level`.
bool leaves_by_pairs(const wfr::TaskGraph& graph, StepId step, LevelId level);

// The pairs that lead from one block of a family to another, and the depth of each block: 0 where
// it waits for no other of them, else one more than the deepest that it waits for (Kahn); kNone
// where it has no task. No depths when no block waits for another; nullopt when blocks wait for
// each other in a cycle. O(tasks log nodes + pairs).
NodePairs pairs_of_blocks(const wfr::TaskGraph& graph,
                          const wfr::BlockMap& map,
                          const std::vector<StepId>& steps);

// The blocks of each array, by depth: ascending in an array, no more than `most`, none beyond one
// of `points` (blocks, ascending, the first is 0).
struct DepthArray {
  std::uint32_t depth = 0;
  std::vector<wfr::Range> blocks;
};
std::vector<DepthArray> depth_arrays(const std::vector<std::uint32_t>& depths,
                                     std::uint32_t most,
                                     const std::vector<std::uint32_t>& points);

// Sets Draft::by_depth, and where the blocks wait in a cycle or need more calls of sbatch than the
// site's limits leave, Draft::level and Draft::pack: whole directories of the level that holds
// every pair, else Draft::clusters: as few depths a job as will do, at the end all that pairs tie
// together, where wfr keeps the order.
std::vector<Draft> by_depth(const Workflow& workflow,
                            const wfr::TaskGraph& graph,
                            std::vector<Draft> drafts,
                            const Split& split,
                            std::vector<PassNote>& notes);

}  // namespace wfc
