// Kahn's algorithm over the blocks of a family, and the arrays of each depth.
#include "compiler/graph/depths.hpp"

#include <algorithm>
#include <utility>

namespace wfc {
namespace {

using BlockPair = std::pair<std::uint32_t, std::uint32_t>;  // waited for, waiting

// The pairs within a step that lead from one block to another; a block pair may come several times.
std::vector<BlockPair> block_pairs(const wfr::TaskGraph& graph,
                                   const wfr::BlockMap& map,
                                   const std::vector<StepId>& steps) {
  std::vector<BlockPair> pairs;
  for (const wfr::Edge& edge : graph.edges) {
    const bool own = edge.from == edge.to && edge.pairs.has_value();
    if (!own || std::find(steps.begin(), steps.end(), edge.to) == steps.end()) continue;
    if (stays_inside(graph, edge, map.level)) continue;
    std::vector<std::uint32_t> block(graph.tasks(edge.to).count);
    for (wfr::TaskIndex task = 0; task < block.size(); ++task) {
      block[task] = block_of(graph, map, {edge.to, task});
    }
    for (wfr::TaskIndex task = 0; task < block.size(); ++task) {
      for (const wfr::TaskIndex producer : producers(graph, edge, task)) {
        if (block[producer] != block[task]) pairs.emplace_back(block[producer], block[task]);
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

}  // namespace

bool leaves_by_pairs(const wfr::TaskGraph& graph, StepId step, LevelId level) {
  return std::any_of(graph.edges.begin(), graph.edges.end(), [&](const wfr::Edge& edge) {
    return edge.from == step && edge.to == step && edge.pairs && !stays_inside(graph, edge, level);
  });
}

NodePairs pairs_of_blocks(const wfr::TaskGraph& graph,
                          const wfr::BlockMap& map,
                          const std::vector<StepId>& steps) {
  NodePairs result{block_pairs(graph, map, steps), std::vector<std::uint32_t>{}, map.blocks()};
  const std::vector<BlockPair>& pairs = result.pairs;
  if (pairs.empty()) return result;
  std::vector<std::uint32_t> waiting(map.blocks());
  for (const BlockPair& pair : pairs) ++waiting[pair.second];
  std::vector<std::uint32_t> depths(map.blocks(), wfr::kNone);
  std::vector<std::uint32_t> ready;
  std::size_t with_work = 0;
  for (const StepId step : steps) {
    for (wfr::TaskIndex task = 0; task < graph.tasks(step).count; ++task) {
      const std::uint32_t block = block_of(graph, map, {step, task});
      if (std::exchange(depths[block], 0) == 0) continue;
      ++with_work;
      if (waiting[block] == 0) ready.push_back(block);
    }
  }
  const std::vector<std::uint32_t> begin = begins_of(pairs, map.blocks());
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const std::uint32_t before = ready[next];
    for (std::uint32_t pair = begin[before]; pair < begin[before + 1]; ++pair) {
      const std::uint32_t after = pairs[pair].second;
      // First in, first out: the last that it waits for is the deepest.
      depths[after] = depths[before] + 1;
      if (--waiting[after] == 0) ready.push_back(after);
    }
  }
  if (ready.size() == with_work) {
    result.depths = std::move(depths);
  } else {
    result.depths = std::nullopt;
  }
  return result;
}

std::vector<DepthArray> depth_arrays(const std::vector<std::uint32_t>& depths,
                                     std::uint32_t most,
                                     const std::vector<std::uint32_t>& points) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t block = 0; block < depths.size(); ++block) {
    if (depths[block] != wfr::kNone) order.push_back(block);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return depths[a] < depths[b];
  });
  const auto part_of = [&](std::uint32_t block) {
    return std::upper_bound(points.begin(), points.end(), block) - points.begin();
  };
  std::vector<DepthArray> arrays;
  std::uint32_t size = 0;  // of the last array
  std::uint32_t before = 0;
  for (const std::uint32_t block : order) {
    const bool joins = !arrays.empty() && arrays.back().depth == depths[block] && size < most &&
                       part_of(before) == part_of(block);
    if (!joins) {
      arrays.push_back({depths[block], {}});
      size = 0;
    }
    std::vector<wfr::Range>& blocks = arrays.back().blocks;
    if (!blocks.empty() && blocks.back().end == block) {
      ++blocks.back().end;
    } else {
      blocks.push_back({block, block + 1});
    }
    before = block;
    ++size;
  }
  return arrays;
}

}  // namespace wfc
