// The size of a job's request, of a step or of the verdict.
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"

namespace wfc {

// cpus, mem or mem_per_cpu, time, nodes, tasks and tasks_per_node.
void read_size(Context& context,
               const Layers& layers,
               SlurmKeys& keys,
               wfr::ResourceSpec& resources);

}  // namespace wfc
