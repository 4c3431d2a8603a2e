// A step whose command is a kernel.
#pragma once

#include "compiler/workflow/context.hpp"

namespace wfc {

// Fills in the kernel, its parameters and what it makes; checks the counts of inputs and outputs.
void resolve_kernel(Context& context, StepDef& step, const ast::Table& table);

}  // namespace wfc
