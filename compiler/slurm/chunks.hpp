// Where the arrays of a block map are cut.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// The blocks of a map as consecutive ranges, none longer than `most` (at least 1) and none beyond
// one of `points`: ascending positions of nodes at which a block begins, the first is 0. The
// families of a map all use the same cuts, so that equal indices of equal chunks are equal
// directories.
std::vector<wfr::Range> chunks_of(const wfr::BlockMap& map,
                                  std::uint32_t most,
                                  const std::vector<std::uint32_t>& points);

}  // namespace wfc
