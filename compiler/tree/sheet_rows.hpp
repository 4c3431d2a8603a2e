// Which row of a sample sheet an instance of a level comes from.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdint>
#include <optional>

namespace wfc {

// The row that names the node; nullopt where the level has no sheet. O(rows): for messages.
std::optional<std::uint32_t> row_of_node(const Workflow& workflow,
                                         const wfr::Tree& tree,
                                         LevelId level,
                                         wfr::Ordinal node);

// The place in the sheet of the cell that gives `column` (an index into LevelDef::columns) of the
// node; without a sheet, the place that says where the level's names come from.
Span cell_span(const Workflow& workflow,
               const wfr::Tree& tree,
               LevelId level,
               wfr::Ordinal node,
               std::uint32_t column);

}  // namespace wfc
