// The directory hierarchy as dense ordinals: names, parents, and child ranges (CSR).
#pragma once

#include "runtime/plan/ids.hpp"
#include "runtime/plan/storage.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wfr {

// n strings of bytes (any byte but NUL and '/'), end to end: name i is bytes[begin[i], begin[i+1]).
struct Names {
  std::span<const std::uint64_t> begin;  // n + 1
  std::span<const char> bytes;
  [[nodiscard]] std::uint32_t size() const {
    return begin.empty() ? 0 : static_cast<std::uint32_t>(begin.size() - 1);
  }
  [[nodiscard]] std::string_view at(std::uint32_t i) const {
    return {bytes.data() + begin[i], static_cast<std::size_t>(begin[i + 1] - begin[i])};
  }
};

// One column of a sample sheet: a value per node of the level.
struct Column {
  std::string name;
  Names values;
};

struct ChildRanges {
  LevelId child{};
  std::span<const std::uint32_t>
      begin;  // nodes of this level + 1: children of o are [begin[o], begin[o+1])
};

struct Level {
  std::string name;  // "" for the root
  LevelId under{};   // the root is under itself
  Names names;       // the root's one name is ""
  std::span<const Ordinal> parent;
  std::vector<ChildRanges> children;
  std::vector<Column> columns;
  [[nodiscard]] std::uint32_t size() const { return names.size(); }
};

struct Tree {
  std::vector<Level> levels;  // [0] is the root: one node
  Storage storage;

  [[nodiscard]] const Level& level(LevelId id) const { return levels[index_of(id)]; }
  // kRootLevel for "" ; std::out_of_range if there is none of that name.
  [[nodiscard]] LevelId find(std::string_view name) const;
  [[nodiscard]] unsigned depth(LevelId id) const;
  // True if a is b or lies above it.
  [[nodiscard]] bool is_at_or_above(LevelId a, LevelId b) const;
  [[nodiscard]] LevelId lowest_common(LevelId a, LevelId b) const;
  // The node of level `to` (at or above `from`) that holds `node`. O(depth).
  [[nodiscard]] Ordinal ancestor(LevelId from, Ordinal node, LevelId to) const;
  // The nodes of level `to` (at or below `from`) below any of `nodes`: always one range. O(depth).
  [[nodiscard]] Range descendants(LevelId from, Range nodes, LevelId to) const;
  // The directory relative to the workflow's root: names joined by '/', "." for the root itself.
  [[nodiscard]] std::string directory(LevelId id, Ordinal node) const;
};

}  // namespace wfr
