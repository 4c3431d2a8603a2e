// One look at each part of the level: what lies below it is a range.
#include "compiler/graph/split.hpp"

#include <algorithm>

namespace wfc {

std::vector<std::uint32_t> split_points(const wfr::Tree& tree,
                                        const wfr::InstanceSet& nodes,
                                        const Split& split) {
  std::vector<std::uint32_t> points{0};
  if (!split.level || !tree.is_at_or_above(*split.level, nodes.level)) return points;
  const std::uint32_t directories = tree.level(*split.level).size();
  const std::uint32_t parts = std::min(split.parts, directories);
  const auto begin_of = [&](std::uint32_t part) {
    return static_cast<wfr::Ordinal>(std::uint64_t{directories} * part / parts);
  };
  for (std::uint32_t part = 0; part < parts; ++part) {
    const wfr::Range below = nodes.tasks_in(
        tree.descendants(*split.level, {begin_of(part), begin_of(part + 1)}, nodes.level));
    if (!below.empty() && below.begin > points.back()) points.push_back(below.begin);
  }
  return points;
}

}  // namespace wfc
