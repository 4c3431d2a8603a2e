// Ways up and down the directory hierarchy: parents one by one, descendants by composing range
// ends.
#include "runtime/plan/tree.hpp"

#include <stdexcept>

namespace wfr {

namespace {

const ChildRanges& ranges_to(const Level& level, LevelId child) {
  for (const ChildRanges& ranges : level.children) {
    if (ranges.child == child) return ranges;
  }
  throw std::out_of_range("level `" + level.name + "` has no such child level");
}

}  // namespace

LevelId Tree::find(std::string_view name) const {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].name == name) return LevelId{static_cast<std::uint16_t>(i)};
  }
  throw std::out_of_range("no level `" + std::string(name) + "`");
}

unsigned Tree::depth(LevelId id) const {
  unsigned depth = 0;
  for (; id != kRootLevel; id = level(id).under) ++depth;
  return depth;
}

bool Tree::is_at_or_above(LevelId a, LevelId b) const {
  while (b != a && b != kRootLevel) b = level(b).under;
  return a == b;
}

LevelId Tree::lowest_common(LevelId a, LevelId b) const {
  while (!is_at_or_above(a, b)) a = level(a).under;
  return a;
}

Ordinal Tree::ancestor(LevelId from, Ordinal node, LevelId to) const {
  for (; from != to; from = level(from).under) {
    if (from == kRootLevel) throw std::out_of_range("not a level above");
    node = level(from).parent[node];
  }
  return node;
}

Range Tree::descendants(LevelId from, Range nodes, LevelId to) const {
  if (from == to) return nodes;
  if (to == kRootLevel) throw std::out_of_range("not a level below");
  const LevelId under = level(to).under;
  const Range above = descendants(from, nodes, under);
  const ChildRanges& ranges = ranges_to(level(under), to);
  return {ranges.begin[above.begin], ranges.begin[above.end]};
}

std::string Tree::directory(LevelId id, Ordinal node) const {
  if (id == kRootLevel) return ".";
  const Level& here = level(id);
  const std::string_view name = here.names.at(node);
  if (here.under == kRootLevel) return std::string(name);
  std::string path = directory(here.under, here.parent[node]);
  path += '/';
  path += name;
  return path;
}

}  // namespace wfr
