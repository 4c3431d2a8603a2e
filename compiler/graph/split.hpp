// `[jobs] split = LEVEL`: no job array and no pack goes beyond one directory of that level.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// The positions in `nodes`, ascending and none twice, at which another directory of `split` begins;
// always 0, never nodes.count. Only 0 when `split` is not set, or not at or above the nodes' level.
// O(directories of `split`).
std::vector<std::uint32_t> split_points(const wfr::Tree& tree,
                                        const wfr::InstanceSet& nodes,
                                        std::optional<LevelId> split);

}  // namespace wfc
