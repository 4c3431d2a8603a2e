// Templates of paths at a node of the tree, also as patterns for glob(3).
#include "compiler/tree/paths.hpp"

#include "runtime/plan/expand.hpp"

#include <filesystem>
#include <system_error>

namespace wfc {

std::string expand_at(const wfr::Tree& tree,
                      const wfr::Template& path,
                      wfr::LevelId level,
                      wfr::Ordinal node,
                      bool as_pattern) {
  std::string text;
  for (const wfr::Piece& piece : path.pieces) {
    std::string_view value = piece.text;
    if (piece.kind == wfr::PieceKind::LevelName || piece.kind == wfr::PieceKind::LevelColumn) {
      const wfr::Level& named = tree.level(piece.level);
      const wfr::Ordinal there = tree.ancestor(level, node, piece.level);
      value = piece.kind == wfr::PieceKind::LevelName
                  ? named.names.at(there)
                  : named.columns.at(piece.column).values.at(there);
    }
    if (as_pattern && piece.kind != wfr::PieceKind::Text) {
      text += escape_glob(value);
    } else {
      text += value;
    }
  }
  return text;
}

std::string escape_glob(std::string_view path) {
  std::string escaped;
  escaped.reserve(path.size());
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::filesystem::path physical_path(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::current_path() / path;
  std::filesystem::path found = std::filesystem::weakly_canonical(whole, error);
  if (error) found = whole.lexically_normal();
  return found.has_filename() ? found : found.parent_path();
}

DataRoot::DataRoot(const std::filesystem::path& root, const std::filesystem::path& out_dir)
    : path(root.string()),
      physical(physical_path(root)),
      out(out_dir.empty() ? out_dir : physical_path(out_dir)) {}

std::vector<std::string> glob_paths(const DataRoot& root,
                                    const std::string& pattern,
                                    wfr::GlobTrouble* trouble) {
  return wfr::resolve_input_glob(root.physical, pattern, root.out, trouble);
}

std::string path_from(std::string_view directory, std::string_view path) {
  return std::filesystem::path(join_path(directory, path)).lexically_normal().string();
}

std::string join_path(std::string_view base, std::string_view path) {
  if (path.starts_with('/') || base.empty() || base == ".") return std::string(path);
  std::string joined(base);
  if (!joined.ends_with('/')) joined += '/';
  joined += path;
  return joined;
}

}  // namespace wfc
