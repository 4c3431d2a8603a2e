// Which nodes of a step's level have a task: `each` trimmed by `where`.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

namespace wfc {

// What the patterns are for: the names of the level, or the values of a column.
const wfr::Names& where_values(const WhereDef& where, const wfr::Tree& tree);

// A dropped step has none. A finalizer has one, at the root.
wfr::InstanceSet step_instances(const StepDef& step, const wfr::Tree& tree, wfr::Storage& storage);

}  // namespace wfc
