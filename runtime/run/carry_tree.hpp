// Which directory of one tree is which directory of another: by the names on the way down.
#pragma once

#include "runtime/plan/tree.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wfr {

// The nodes of an earlier tree in a later one. Levels may have other names, as long as the
// directories have the same: a task is known by its directory.
class TreeMatch {
 public:
  TreeMatch(const Tree& from, const Tree& to) : from_(from), to_(to) {}
  // By ordinal of the old level: the node of the new level with the same names above it, or kNone.
  // Empty where one level is deeper than the other. Linear in the directories of both; kept.
  const std::vector<Ordinal>& nodes(LevelId from, LevelId to);

 private:
  const Tree& from_;
  const Tree& to_;
  std::map<std::pair<LevelId, LevelId>, std::vector<Ordinal>> known_;
};

// The names on the way down to a node, joined by NUL, which no name holds: in the order of these
// texts, each directory comes before what is in it and after all of its earlier neighbours.
std::string node_path(const Tree& tree, LevelId level, Ordinal node);

// Finds nodes by such paths. Ascending paths cost a step each.
class PathFinder {
 public:
  PathFinder(const Tree& tree, LevelId level);
  // kNone when there is none.
  Ordinal find(std::string_view path);

 private:
  // One level on the way down: the directory that was found last, and the order of its neighbours.
  struct Place {
    LevelId level{};
    Ordinal parent = kNone;
    std::vector<Ordinal> order;  // the parent's children by name
    std::size_t next = 0;        // into `order`: all before it are smaller than what was asked for
  };
  Ordinal child(Place& place, Ordinal parent, std::string_view name);

  const Tree& tree_;
  std::vector<Place> places_;  // from the first level below the root
};

}  // namespace wfr
