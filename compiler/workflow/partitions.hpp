// The partitions of a site: `[partitions.NAME]` of its files and of [site.X].
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"

#include <vector>

namespace wfc {

// In the order written; what a table of higher priority says of a partition wins key by key.
std::vector<Partition> read_partitions(Context& context, const Layers& layers);

}  // namespace wfc
