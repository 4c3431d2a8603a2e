// What the signal kernels declare about themselves: names, parameters, counts of inputs and
// outputs. Light: no FFTW and no HDF5, since wfc reads these to check a workflow.
#pragma once

#include "runtime/kernels/kernel.hpp"

#include <span>

namespace wfr::signal {

// signal.highpass, signal.lowpass and signal.spectrum, sorted by name; lives as long as the
// program.
std::span<const KernelDecl> declarations();

}  // namespace wfr::signal
