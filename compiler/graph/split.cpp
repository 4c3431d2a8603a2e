// One look at each directory of the level: those below it are a range.
#include "compiler/graph/split.hpp"

namespace wfc {

std::vector<std::uint32_t> split_points(const wfr::Tree& tree,
                                        const wfr::InstanceSet& nodes,
                                        std::optional<LevelId> split) {
  std::vector<std::uint32_t> points{0};
  if (!split || !tree.is_at_or_above(*split, nodes.level)) return points;
  for (wfr::Ordinal node = 0; node < tree.level(*split).size(); ++node) {
    const wfr::Range below =
        nodes.tasks_in(tree.descendants(*split, {node, node + 1}, nodes.level));
    if (!below.empty() && below.begin > points.back()) points.push_back(below.begin);
  }
  return points;
}

}  // namespace wfc
