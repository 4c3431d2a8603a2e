// The merge of two trees.
#include "runtime/run/carry_tree.hpp"

#include <algorithm>

namespace wfr {
namespace {

const ChildRanges* children(const Tree& tree, LevelId level) {
  for (const ChildRanges& ranges : tree.level(tree.level(level).under).children) {
    if (ranges.child == level) return &ranges;
  }
  return nullptr;
}

// Children of one pair of matching parents, both sorted bytewise.
void merge_children(const Names& from,
                    Range from_range,
                    const Names& to,
                    Range to_range,
                    std::vector<Ordinal>& nodes) {
  Ordinal a = from_range.begin;
  Ordinal b = to_range.begin;
  while (a < from_range.end && b < to_range.end) {
    const int order = from.at(a).compare(to.at(b));
    if (order == 0) nodes[a] = b;
    if (order <= 0) ++a;
    if (order >= 0) ++b;
  }
}

LevelId find_level(const Tree& to, std::string_view name, LevelId under) {
  for (std::size_t i = 1; i < to.levels.size(); ++i) {
    if (to.levels[i].name == name && to.levels[i].under == under) {
      return LevelId{static_cast<std::uint16_t>(i)};
    }
  }
  return kNoLevel;
}

}  // namespace

std::vector<LevelMatch> match_trees(const Tree& from, const Tree& to) {
  std::vector<LevelMatch> matches(from.levels.size());
  matches[0] = {kRootLevel, {0}};
  std::vector<std::uint16_t> order;
  for (std::size_t i = 1; i < from.levels.size(); ++i)
    order.push_back(static_cast<std::uint16_t>(i));
  // Parents before children, whatever their order in the file.
  std::stable_sort(order.begin(), order.end(), [&](std::uint16_t a, std::uint16_t b) {
    return from.depth(LevelId{a}) < from.depth(LevelId{b});
  });
  for (const std::uint16_t i : order) {
    const Level& level = from.levels[i];
    const LevelMatch& above = matches[index_of(level.under)];
    LevelMatch& match = matches[i];
    match.nodes.assign(level.size(), kNone);
    match.to = above.to == kNoLevel ? kNoLevel : find_level(to, level.name, above.to);
    if (match.to == kNoLevel) continue;
    const ChildRanges* old_ranges = children(from, LevelId{i});
    const ChildRanges* new_ranges = children(to, match.to);
    const Names& names = to.level(match.to).names;
    for (Ordinal parent = 0; parent < above.nodes.size(); ++parent) {
      const Ordinal other = above.nodes[parent];
      if (other == kNone) continue;
      merge_children(level.names,
                     {old_ranges->begin[parent], old_ranges->begin[parent + 1]},
                     names,
                     {new_ranges->begin[other], new_ranges->begin[other + 1]},
                     match.nodes);
    }
  }
  return matches;
}

}  // namespace wfr
