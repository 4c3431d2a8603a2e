// Paths with level names still in them.
#include "compiler/graph/symbolic_path.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace wfc {

namespace {

using wfr::Piece;
using wfr::PieceKind;

bool same_piece(const Piece& a, const Piece& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == PieceKind::Text) return a.text == b.text;
  return a.level == b.level && (a.kind == PieceKind::LevelName || a.column == b.column);
}

void add_text(PathComponent& component, std::string_view text) {
  if (text.empty()) return;
  if (!component.empty() && component.back().kind == PieceKind::Text) {
    component.back().text += text;
    return;
  }
  Piece piece;
  piece.text = text;
  component.push_back(std::move(piece));
}

bool is_text(const PathComponent& component, std::string_view text) {
  return is_fixed(component) && component.front().text == text;
}

// Ends the component that is being read.
void close_component(SymbolicPath& path, PathComponent& component) {
  if (is_text(component, "..")) {
    if (path.components.empty()) {
      path.leaves_root = true;
    } else {
      path.components.pop_back();
    }
  } else if (!component.empty() && !is_text(component, ".")) {
    path.components.push_back(std::move(component));
  }
  component = {};
}

std::string_view fixed_start(const PathComponent& component) {
  return component.front().kind == PieceKind::Text ? std::string_view(component.front().text)
                                                   : std::string_view();
}

std::string_view fixed_end(const PathComponent& component) {
  return component.back().kind == PieceKind::Text ? std::string_view(component.back().text)
                                                  : std::string_view();
}

}  // namespace

bool operator==(const SymbolicPath& a, const SymbolicPath& b) {
  return a.absolute == b.absolute && a.leaves_root == b.leaves_root &&
         std::equal(a.components.begin(),
                    a.components.end(),
                    b.components.begin(),
                    b.components.end(),
                    same_component);
}

SymbolicPath symbolic_path(const std::vector<LevelDef>& levels,
                           LevelId each,
                           const wfr::Template& path) {
  return symbolic_path(levels, each, path, {});
}

SymbolicPath symbolic_path(const std::vector<LevelDef>& levels,
                           LevelId each,
                           const wfr::Template& path,
                           const std::vector<PathComponent>& above) {
  SymbolicPath result;
  for (LevelId level = each; level != wfr::kRootLevel; level = levels[wfr::index_of(level)].under) {
    Piece name;
    name.kind = PieceKind::LevelName;
    name.level = level;
    result.components.push_back({name});
  }
  result.components.insert(result.components.end(), above.rbegin(), above.rend());
  std::reverse(result.components.begin(), result.components.end());
  PathComponent component;
  bool first = true;
  for (const Piece& piece : path.pieces) {
    if (piece.kind == PieceKind::LevelName || piece.kind == PieceKind::LevelColumn) {
      component.push_back(piece);
      first = false;
      continue;
    }
    std::string_view text = piece.text;
    if (first && text.starts_with('/')) {
      result.components.clear();
      result.absolute = true;
    }
    first = first && text.empty();
    for (std::size_t slash = text.find('/'); slash != std::string_view::npos;
         slash = text.find('/')) {
      add_text(component, text.substr(0, slash));
      close_component(result, component);
      text.remove_prefix(slash + 1);
    }
    add_text(component, text);
  }
  close_component(result, component);
  return result;
}

bool same_component(const PathComponent& a, const PathComponent& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_piece);
}

bool surely_differ(const PathComponent& a, const PathComponent& b) {
  if (is_fixed(a) && is_fixed(b)) return a.front().text != b.front().text;
  const std::string_view start_a = fixed_start(a);
  const std::string_view start_b = fixed_start(b);
  const std::size_t start = std::min(start_a.size(), start_b.size());
  if (start_a.substr(0, start) != start_b.substr(0, start)) return true;
  const std::string_view end_a = fixed_end(a);
  const std::string_view end_b = fixed_end(b);
  const std::size_t end = std::min(end_a.size(), end_b.size());
  return end_a.substr(end_a.size() - end) != end_b.substr(end_b.size() - end);
}

bool determines(const PathComponent& component, LevelId level) {
  const auto is_name = [](const Piece& piece) { return piece.kind == PieceKind::LevelName; };
  const auto is_column = [](const Piece& piece) { return piece.kind == PieceKind::LevelColumn; };
  return std::count_if(component.begin(), component.end(), is_name) == 1 &&
         std::none_of(component.begin(), component.end(), is_column) &&
         std::find_if(component.begin(), component.end(), is_name)->level == level;
}

bool is_fixed(const PathComponent& component) {
  return component.size() == 1 && component.front().kind == PieceKind::Text;
}

std::string to_text(const SymbolicPath& path, const std::vector<LevelDef>& levels) {
  std::string text = path.absolute ? "/" : "";
  bool first = true;
  for (const PathComponent& component : path.components) {
    if (!first) text += '/';
    first = false;
    for (const Piece& piece : component) {
      if (piece.kind == PieceKind::Text) {
        text += piece.text;
        continue;
      }
      const LevelDef& level = levels[wfr::index_of(piece.level)];
      text += '{' + level.name;
      if (piece.kind == PieceKind::LevelColumn) text += '.' + level.columns.at(piece.column);
      text += '}';
    }
  }
  return text.empty() ? "." : text;
}

}  // namespace wfc
