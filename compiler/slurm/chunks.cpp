// Cuts by length.
#include "compiler/slurm/chunks.hpp"

#include <algorithm>

namespace wfc {

std::vector<wfr::Range> chunks_of(const wfr::BlockMap& map, std::uint32_t most) {
  std::vector<wfr::Range> chunks;
  for (std::uint32_t first = 0; first < map.blocks();) {
    const std::uint32_t end = first + std::min(most, map.blocks() - first);
    chunks.push_back({first, end});
    first = end;
  }
  return chunks;
}

}  // namespace wfc
