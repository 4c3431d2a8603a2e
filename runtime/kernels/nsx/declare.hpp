// What the nsx kernels declare about themselves. Light: no HDF5, since wfc reads these to check a
// workflow, and reads the headers of recordings to know the directories they will make.
#pragma once

#include "runtime/kernels/kernel.hpp"

#include <span>

namespace wfr::nsx {

// nsx.split and nsx.synthesize, sorted by name; lives as long as the program.
std::span<const KernelDecl> declarations();

}  // namespace wfr::nsx
