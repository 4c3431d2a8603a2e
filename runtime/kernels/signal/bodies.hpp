// The bodies of the signal kernels; library.cpp exports them.
#pragma once

#include "runtime/kernels/body.hpp"

namespace wfr::signal {

// Each reads task.inputs[0], a signal file, and writes task.outputs[0].
void run_highpass(const KernelTask& task);
void run_lowpass(const KernelTask& task);
void run_spectrum(const KernelTask& task);

}  // namespace wfr::signal
