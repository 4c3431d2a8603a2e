// Rank and select over instance bitmaps, and both directions of an edge.
#include "runtime/plan/graph.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace wfr {

namespace {

constexpr std::uint32_t kWordBits = 64;

// The position of set bit number `index` (from 0) of a word that has more than `index` of them.
std::uint32_t select_bit(std::uint64_t word, std::uint32_t index) {
  for (; index > 0; --index) word &= word - 1;
  return static_cast<std::uint32_t>(std::countr_zero(word));
}

// The tasks of `step` below the ancestor that task `index` of `from` has at level `via`.
Range related(const TaskGraph& graph, StepId from, TaskIndex index, LevelId via, StepId step) {
  const InstanceSet& here = graph.tasks(from);
  const InstanceSet& there = graph.tasks(step);
  const Ordinal node = graph.tree.ancestor(here.level, here.node_at(index), via);
  return there.tasks_in(graph.tree.descendants(via, {node, node + 1}, there.level));
}

}  // namespace

bool InstanceSet::contains(Ordinal node) const {
  if (node >= nodes) return false;
  return bits.empty() || ((bits[node / kWordBits] >> (node % kWordBits)) & 1U) != 0;
}

TaskIndex InstanceSet::rank_of(Ordinal node) const {
  if (bits.empty()) return node;
  const std::uint32_t word = node / kWordBits;
  const std::uint32_t bit = node % kWordBits;
  // `node` may be one past the last node, where there may be no word.
  if (bit == 0) return rank[word];
  const std::uint64_t below = bits[word] & ((std::uint64_t{1} << bit) - 1);
  return rank[word] + static_cast<std::uint32_t>(std::popcount(below));
}

Ordinal InstanceSet::node_at(TaskIndex index) const {
  if (bits.empty()) return index;
  const auto after = std::upper_bound(rank.begin(), rank.end(), index);
  const auto word = static_cast<std::uint32_t>(after - rank.begin()) - 1;
  return word * kWordBits + select_bit(bits[word], index - rank[word]);
}

Range InstanceSet::tasks_in(Range nodes_range) const {
  return {rank_of(nodes_range.begin), rank_of(nodes_range.end)};
}

InstanceSet all_nodes(LevelId level, std::uint32_t nodes) {
  InstanceSet set;
  set.level = level;
  set.nodes = nodes;
  set.count = nodes;
  return set;
}

InstanceSet make_instances(LevelId level, const std::vector<bool>& selected, Storage& storage) {
  const auto nodes = static_cast<std::uint32_t>(selected.size());
  std::vector<std::uint64_t> bits((selected.size() + kWordBits - 1) / kWordBits);
  for (std::uint32_t node = 0; node < nodes; ++node) {
    if (selected[node]) bits[node / kWordBits] |= std::uint64_t{1} << (node % kWordBits);
  }
  std::vector<std::uint32_t> rank{0};
  rank.reserve(bits.size() + 1);
  for (const std::uint64_t word : bits) {
    rank.push_back(rank.back() + static_cast<std::uint32_t>(std::popcount(word)));
  }
  InstanceSet set = all_nodes(level, nodes);
  set.count = rank.back();
  if (set.count == nodes) return set;
  set.bits = storage.keep(std::move(bits));
  set.rank = storage.keep(std::move(rank));
  return set;
}

TaskList producers(const TaskGraph& graph, const Edge& edge, TaskIndex to_index) {
  if (edge.pairs) return edge.pairs->producers.row(to_index);
  return related(graph, edge.to, to_index, edge.via, edge.from);
}

TaskList consumers(const TaskGraph& graph, const Edge& edge, TaskIndex from_index) {
  if (edge.pairs) return edge.pairs->consumers.row(from_index);
  return related(graph, edge.from, from_index, edge.via, edge.to);
}

bool stays_inside(const TaskGraph& graph, const Edge& edge, LevelId level) {
  return graph.tree.is_at_or_above(level, edge.via);
}

}  // namespace wfr
