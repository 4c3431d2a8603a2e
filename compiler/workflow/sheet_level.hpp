// A level whose names come from a sample sheet.
#pragma once

#include "compiler/workflow/context.hpp"

namespace wfc {

// Reads level.file and fills in columns and rows.
void read_level_sheet(Context& context, const ast::Table& table, LevelDef& level);

}  // namespace wfc
