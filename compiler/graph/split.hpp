// `[jobs] split = LEVEL`: no job array and no pack goes beyond one directory of that level, or
// beyond several of them where the site's limits ask for it.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace wfc {

// Arrays and packs are cut where a part of the level begins: about equally many consecutive
// directories of all that it has, whatever the steps.
struct Split {
  std::optional<LevelId> level;                                     // nullopt: nowhere
  std::uint32_t parts = std::numeric_limits<std::uint32_t>::max();  // at least 1; each directory
                                                                    // where there are not so many
};

// The positions in `nodes`, ascending and none twice, at which the split cuts: always 0, never
// nodes.count. Only 0 when there is no split, or its level is not at or above that of the nodes.
// O(parts).
std::vector<std::uint32_t> split_points(const wfr::Tree& tree,
                                        const wfr::InstanceSet& nodes,
                                        const Split& split);

}  // namespace wfc
