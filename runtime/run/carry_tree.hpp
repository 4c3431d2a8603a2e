// Which directory of one tree is which directory of another: by the names on the way down.
#pragma once

#include "runtime/plan/tree.hpp"

#include <vector>

namespace wfr {

// Of one level of the old tree. Where the new one has no such level, `to` is kNoLevel and every
// node kNone.
struct LevelMatch {
  LevelId to{};
  std::vector<Ordinal> nodes;  // by old ordinal: the new one, or kNone
};
inline constexpr LevelId kNoLevel{0xffff};

// Levels match by name below matching levels; nodes by name below matching parents. One merge per
// pair of parents: linear in the directories of both trees.
std::vector<LevelMatch> match_trees(const Tree& from, const Tree& to);

}  // namespace wfr
