// Component by component: fixed text against fixed text, and against the names of a level.
#include "compiler/graph/symbolic_overlap.hpp"

#include "compiler/graph/name_pattern.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

bool is_level(const PathComponent& component) {
  return component.size() == 1 && component.front().kind == PieceKind::LevelName;
}

// The same for components that match the same names.
std::string key_of(const PathComponent& component, bool glob) {
  std::string key = glob ? "g" : "n";
  for (const wfr::Piece& piece : component) {
    key += piece.kind == PieceKind::Text ? "t" + piece.text : "p";
    key += '\0';
  }
  return key;
}

// The first `**` of a glob: any number of names.
std::size_t any_depth(const PathPattern& pattern) {
  const std::vector<PathComponent>& components = pattern.path.components;
  const auto found = std::find_if(components.begin(), components.end(), [&](const auto& component) {
    return pattern.glob && is_fixed(component) && component.front().text == "**";
  });
  return static_cast<std::size_t>(found - components.begin());
}

// Names are sorted within their parent.
bool has_exactly(const wfr::Tree& tree, const wfr::Level& level, std::string_view name) {
  for (const wfr::ChildRanges& children : tree.level(level.under).children) {
    if (&tree.level(children.child) != &level) continue;
    for (std::size_t parent = 0; parent + 1 < children.begin.size(); ++parent) {
      Ordinal low = children.begin[parent];
      const Ordinal end = children.begin[parent + 1];
      for (Ordinal high = end; low < high;) {
        const Ordinal middle = low + (high - low) / 2;
        if (level.names.at(middle) < name) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low < end && level.names.at(low) == name) return true;
    }
  }
  return false;
}

}  // namespace

bool SymbolicOverlap::may_begin(const PathPattern& a, const PathPattern& b) {
  if (is_loose(a.path) || is_loose(b.path)) return true;
  if (a.path.absolute != b.path.absolute) return false;
  std::size_t length = a.path.components.size();
  const std::size_t open = std::min(any_depth(a), any_depth(b));
  const bool deep = open < length || open < b.path.components.size();
  // From a `**` on anything may follow.
  if (deep) length = std::min({open, length, b.path.components.size()});
  if (length > b.path.components.size()) return false;
  // The file names differ most often: from the end.
  for (std::size_t i = length; i-- > 0;) {
    if (!may_meet(a.path.components[i], a.glob, b.path.components[i], b.glob)) return false;
  }
  return true;
}

bool SymbolicOverlap::may_meet(const PathComponent& a,
                               bool a_glob,
                               const PathComponent& b,
                               bool b_glob) {
  if (surely_differ(a, b) && !a_glob && !b_glob) return false;
  if (!NamePattern::of_component(a, a_glob).overlaps(NamePattern::of_component(b, b_glob))) {
    return false;
  }
  if (is_level(a) && is_level(b)) return true;
  if (is_level(a)) return has_name(a.front().level, b, b_glob);
  if (is_level(b)) return has_name(b.front().level, a, a_glob);
  return true;
}

bool SymbolicOverlap::has_name(LevelId level, const PathComponent& component, bool glob) {
  const auto [at, is_new] = names_.try_emplace({level, key_of(component, glob)}, false);
  if (!is_new) return at->second;
  const wfr::Level& names = tree_.level(level);
  if (is_fixed(component) && !glob) {
    at->second = has_exactly(tree_, names, component.front().text);
    return at->second;
  }
  const NamePattern pattern = NamePattern::of_component(component, glob);
  for (Ordinal node = 0; node < names.size() && !at->second; ++node) {
    at->second = pattern.matches(names.names.at(node));
  }
  return at->second;
}

bool SymbolicOverlap::is_loose(const SymbolicPath& path) {
  return std::any_of(path.components.begin(), path.components.end(), [&](const auto& component) {
    return std::any_of(component.begin(), component.end(), [&](const wfr::Piece& piece) {
      return piece.kind == PieceKind::LevelColumn && has_loose_value(piece.level, piece.column);
    });
  });
}

bool SymbolicOverlap::has_loose_value(LevelId level, std::uint32_t column) {
  const auto [at, is_new] = loose_.try_emplace({level, column}, false);
  if (!is_new) return at->second;
  const wfr::Names& values = tree_.level(level).columns.at(column).values;
  for (Ordinal node = 0; node < values.size() && !at->second; ++node) {
    const std::string_view value = values.at(node);
    at->second = value.find_first_not_of('.') == std::string_view::npos ||
                 value.find('/') != std::string_view::npos;
  }
  return at->second;
}

}  // namespace wfc
