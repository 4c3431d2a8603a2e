// The keys that only Slurm needs, of a step, of a site alone, or of the verdict.
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"

#include <string>

namespace wfc {

// Without `scratch`.
SlurmKeys read_slurm_keys(Context& context, const Layers& layers);
// `scratch`, as an option of sbatch.
void take_scratch(const Layers& layers, SlurmKeys& keys);

// "gres" of "--gres=gpu:1", "clusters" of "-M main": the long name of a raw option.
std::string option_name(const std::string& option);
// "main" of "--clusters=main", "--clusters main", "-M main" and "-Mmain".
std::string option_value(const std::string& option);
// Whether a raw option asks for GPUs.
bool asks_for_gpus(const std::string& option);

}  // namespace wfc
