// The topological order of steps.
#pragma once

#include "compiler/workflow/workflow.hpp"

#include <vector>

namespace wfc {

// Each step after those that it needs, ties in the order of the file, finalizers last; without
// dropped steps. Needs of a step by itself do not count. Shorter if there is a cycle.
std::vector<StepId> step_order(const Workflow& workflow);

}  // namespace wfc
