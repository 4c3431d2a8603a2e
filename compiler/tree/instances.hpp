// Which nodes of a step's level have a task: `each` trimmed by `where`.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

namespace wfc {

// A dropped step has none. A finalizer has one, at the root.
wfr::InstanceSet step_instances(const StepDef& step, const wfr::Tree& tree, wfr::Storage& storage);

}  // namespace wfc
