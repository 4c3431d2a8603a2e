// The bodies of the nsx kernels.
#pragma once

#include "runtime/kernels/body.hpp"

namespace wfr::nsx {

// nsx.split: raw int16 samples, as recorded, into one signal file (hdf5/signal.hpp) a channel;
// `scale` and `offset` of a file turn them into `units`. Memory: about `buffer_mb`.
void split(const KernelTask& task);

// nsx.synthesize: see synthesize.cpp for what is in the signal.
void synthesize(const KernelTask& task);

}  // namespace wfr::nsx
