// Cuts by length and by directory.
#include "compiler/slurm/chunks.hpp"

#include <algorithm>

namespace wfc {

std::vector<wfr::Range> chunks_of(const wfr::BlockMap& map,
                                  std::uint32_t most,
                                  const std::vector<std::uint32_t>& points) {
  const auto block_at = [&](std::uint32_t node) {
    if (map.begin.empty()) return node;
    const auto found = std::lower_bound(map.begin.begin(), map.begin.end(), node);
    return static_cast<std::uint32_t>(found - map.begin.begin());
  };
  std::vector<wfr::Range> chunks;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::uint32_t end = i + 1 < points.size() ? block_at(points[i + 1]) : map.blocks();
    for (std::uint32_t first = block_at(points[i]); first < end;) {
      chunks.push_back({first, first + std::min(most, end - first)});
      first = chunks.back().end;
    }
  }
  return chunks;
}

}  // namespace wfc
