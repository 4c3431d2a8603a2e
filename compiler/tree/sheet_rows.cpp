// Which row of a sample sheet an instance of a level comes from.
#include "compiler/tree/sheet_rows.hpp"

#include "compiler/workflow/sheet.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace wfc {

std::optional<std::uint32_t> row_of_node(const Workflow& workflow,
                                         const wfr::Tree& tree,
                                         LevelId level,
                                         wfr::Ordinal node) {
  const LevelDef& def = workflow.level(level);
  // What the row must say in each of its cells that names a directory.
  std::vector<std::pair<std::size_t, std::string>> wanted{
      {0, std::string(tree.level(level).names.at(node))}};
  for (LevelId above = def.under; above != wfr::kRootLevel; above = workflow.level(above).under) {
    const auto column =
        std::find(def.columns.begin(), def.columns.end(), workflow.level(above).name);
    if (column == def.columns.end()) continue;
    wanted.emplace_back(static_cast<std::size_t>(column - def.columns.begin()) + 1,
                        tree.level(above).names.at(tree.ancestor(level, node, above)));
  }
  for (std::uint32_t row = 0; row < def.rows.size(); ++row) {
    if (std::all_of(wanted.begin(), wanted.end(), [&](const auto& cell) {
          return def.rows[row][cell.first] == cell.second;
        })) {
      return row;
    }
  }
  return std::nullopt;
}

Span cell_span(const Workflow& workflow,
               const wfr::Tree& tree,
               LevelId level,
               wfr::Ordinal node,
               std::uint32_t column) {
  const std::optional<std::uint32_t> row = row_of_node(workflow, tree, level, node);
  const LevelDef& def = workflow.level(level);
  return row ? cell_span(def, *row, std::size_t{column} + 1) : def.source_span;
}

}  // namespace wfc
