// Where in a sample sheet a directory's values come from.
#include "compiler/graph/sheet_row.hpp"

#include "compiler/tree/sheet_rows.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace wfc {

std::string sheet_row(const Workflow& workflow,
                      const wfr::Tree& tree,
                      LevelId level,
                      wfr::Ordinal node) {
  const LevelDef& def = workflow.level(level);
  const std::optional<std::uint32_t> row = row_of_node(workflow, tree, level, node);
  if (row && *row < def.lines.size()) return fmt::format("{}:{}", def.file, def.lines[*row]);
  return "";
}

std::string with_rows(const Workflow& workflow,
                      const wfr::Tree& tree,
                      const wfr::Template& path,
                      LevelId at,
                      wfr::Ordinal node,
                      const std::string& text) {
  std::vector<std::string> rows;
  for (const wfr::Piece& piece : path.pieces) {
    if (piece.kind != wfr::PieceKind::LevelColumn) continue;
    const wfr::Ordinal there = tree.ancestor(at, node, piece.level);
    const std::string row = sheet_row(workflow, tree, piece.level, there);
    if (!row.empty() && std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
  }
  return rows.empty() ? text : fmt::format("{} ({})", text, fmt::join(rows, ", "));
}

}  // namespace wfc
