// Levels whose names are listed: by `values`, or by the rows of a sample sheet.
#pragma once

#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/walk.hpp"

namespace wfc {

// Offers the names below every parent where the step that makes the directories has a task (below
// all, where none makes them), and closes every parent. Reports rows that name no directory of a
// level above, and names that differ from a directory's on the disk only in case or Unicode form.
void offer_listed(ScanState& scan, LevelBuilder& builder);

}  // namespace wfc
