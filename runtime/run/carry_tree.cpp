// The merge of two trees, and paths in one.
#include "runtime/run/carry_tree.hpp"

#include <algorithm>
#include <numeric>

namespace wfr {
namespace {

Range children(const Tree& tree, LevelId level, Ordinal parent) {
  const LevelId above = tree.level(level).under;
  return tree.descendants(above, {parent, parent + 1}, level);
}

// The nodes of a range by name. Most trees have them so; a list in the workflow keeps its order.
std::vector<Ordinal> by_name(const Names& names, Range range) {
  std::vector<Ordinal> order(range.empty() ? 0 : range.size());
  std::iota(order.begin(), order.end(), range.begin);
  const auto less = [&](Ordinal a, Ordinal b) { return names.at(a) < names.at(b); };
  if (!std::is_sorted(order.begin(), order.end(), less))
    std::sort(order.begin(), order.end(), less);
  return order;
}

}  // namespace

const std::vector<Ordinal>& TreeMatch::nodes(LevelId from, LevelId to) {
  const auto known = known_.find({from, to});
  if (known != known_.end()) return known->second;
  std::vector<Ordinal> matched;
  if (from == kRootLevel && to == kRootLevel) {
    matched = {0};
  } else if (from_.depth(from) == to_.depth(to)) {
    const Names& old_names = from_.level(from).names;
    const Names& new_names = to_.level(to).names;
    const std::vector<Ordinal>& above = nodes(from_.level(from).under, to_.level(to).under);
    matched.assign(old_names.size(), kNone);
    for (Ordinal parent = 0; parent < above.size(); ++parent) {
      if (above[parent] == kNone) continue;
      const std::vector<Ordinal> old_nodes = by_name(old_names, children(from_, from, parent));
      const std::vector<Ordinal> new_nodes = by_name(new_names, children(to_, to, above[parent]));
      for (std::size_t a = 0, b = 0; a < old_nodes.size() && b < new_nodes.size();) {
        const int order = old_names.at(old_nodes[a]).compare(new_names.at(new_nodes[b]));
        if (order == 0) matched[old_nodes[a]] = new_nodes[b];
        if (order <= 0) ++a;
        if (order >= 0) ++b;
      }
    }
  }
  return known_.emplace(std::pair(from, to), std::move(matched)).first->second;
}

std::string node_path(const Tree& tree, LevelId level, Ordinal node) {
  if (level == kRootLevel) return {};
  const Level& own = tree.level(level);
  std::string path = node_path(tree, own.under, own.parent[node]);
  if (own.under != kRootLevel) path += '\0';
  return path.append(own.names.at(node));
}

PathFinder::PathFinder(const Tree& tree, LevelId level) : tree_(tree) {
  for (; level != kRootLevel; level = tree.level(level).under) {
    Place place;
    place.level = level;
    places_.insert(places_.begin(), std::move(place));
  }
}

Ordinal PathFinder::child(Place& place, Ordinal parent, std::string_view name) {
  const Names& names = tree_.level(place.level).names;
  if (place.parent != parent) {
    place.parent = parent;
    place.order = by_name(names, children(tree_, place.level, parent));
    place.next = 0;
  }
  const auto below = [&](Ordinal node, std::string_view text) { return names.at(node) < text; };
  if (place.next > 0 && !below(place.order[place.next - 1], name)) place.next = 0;
  if (place.next < place.order.size() && below(place.order[place.next], name)) {
    const auto begin = place.order.begin() + static_cast<std::ptrdiff_t>(place.next);
    place.next = static_cast<std::size_t>(std::lower_bound(begin, place.order.end(), name, below) -
                                          place.order.begin());
  }
  if (place.next == place.order.size()) return kNone;
  const Ordinal node = place.order[place.next];
  return names.at(node) == name ? node : kNone;
}

Ordinal PathFinder::find(std::string_view path) {
  if (places_.empty()) return path.empty() ? 0 : kNone;
  Ordinal node = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t end = path.find('\0');
    const bool last = i + 1 == places_.size();
    if (last != (end == std::string_view::npos)) return kNone;
    node = child(places_[i], node, path.substr(0, end));
    if (node == kNone) return kNone;
    if (!last) path.remove_prefix(end + 1);
  }
  return node;
}

}  // namespace wfr
