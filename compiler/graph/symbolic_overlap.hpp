// Whether two paths with placeholders may be the same for some tasks: proved by the templates and
// the names of the levels, never by writing out the paths.
#pragma once

#include "compiler/graph/symbolic_path.hpp"
#include "runtime/plan/tree.hpp"

#include <map>
#include <string>
#include <utility>

namespace wfc {

// A path and whether its text is a glob.
struct PathPattern {
  const SymbolicPath& path;
  bool glob = false;
};

class SymbolicOverlap {
 public:
  explicit SymbolicOverlap(const wfr::Tree& tree) : tree_(tree) {}

  // Some task's `a` may be some task's `b`, or a directory above it.
  [[nodiscard]] bool may_begin(const PathPattern& a, const PathPattern& b);
  // A value of a sample sheet makes more or fewer components of it than the template has.
  [[nodiscard]] bool is_loose(const SymbolicPath& path);
  // Some directory of the level has a name that the component may be.
  [[nodiscard]] bool has_name(LevelId level, const PathComponent& component, bool glob);

 private:
  [[nodiscard]] bool may_meet(const PathComponent& a,
                              bool a_glob,
                              const PathComponent& b,
                              bool b_glob);
  [[nodiscard]] bool has_loose_value(LevelId level, std::uint32_t column);

  const wfr::Tree& tree_;
  // Levels can be long, and the same questions come for each pair of outputs.
  std::map<std::pair<LevelId, std::string>, bool> names_;
  std::map<std::pair<LevelId, std::uint32_t>, bool> loose_;
};

}  // namespace wfc
