// The keys that only Slurm needs, of a step or of a site alone.
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"

namespace wfc {

SlurmKeys read_slurm_keys(Context& context, const Layers& layers);

}  // namespace wfc
