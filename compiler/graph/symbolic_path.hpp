// Paths with level names still in them, normalised, so that two templates can be compared without
// looking at one task.
#pragma once

#include "compiler/workflow/workflow.hpp"

#include <vector>

namespace wfc {

// Between two slashes: text and level pieces in turn, neighbouring text merged. A Value is text.
using PathComponent = std::vector<wfr::Piece>;

// Relative to the data root unless `absolute`; without "", "." and "..".
struct SymbolicPath {
  std::vector<PathComponent> components;
  bool absolute = false;
  bool leaves_root = false;  // more ".." than there are directories
  friend bool operator==(const SymbolicPath& a, const SymbolicPath& b);
};

// `path` as seen from a directory of level `each`.
SymbolicPath symbolic_path(const std::vector<LevelDef>& levels,
                           LevelId each,
                           const wfr::Template& path);
// The same from further up: `above` are the components of the root itself.
SymbolicPath symbolic_path(const std::vector<LevelDef>& levels,
                           LevelId each,
                           const wfr::Template& path,
                           const std::vector<PathComponent>& above);

bool same_component(const PathComponent& a, const PathComponent& b);
// True if no directory names can make the two equal: their fixed beginnings or ends differ.
bool surely_differ(const PathComponent& a, const PathComponent& b);
// The component is one name of this level, perhaps with fixed text around it.
bool determines(const PathComponent& component, LevelId level);
// Only text: the same for every task. "" is never a component.
bool is_fixed(const PathComponent& component);

// As the author would write it, from the root: "{session}/{array}/raw.h5".
std::string to_text(const SymbolicPath& path, const std::vector<LevelDef>& levels);

}  // namespace wfc
