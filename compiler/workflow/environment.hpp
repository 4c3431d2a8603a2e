// The environment of a step, or of a site alone.
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"

namespace wfc {

wfr::EnvironmentSpec read_environment(Context& context, const Layers& layers);

}  // namespace wfc
