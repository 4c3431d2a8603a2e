// The dependencies one by one: does each hold back only what a failure must, and is it needed?
#pragma once

#include "compiler/slurm/verify_closure.hpp"
#include "compiler/slurm/verify_jobs.hpp"

#include <vector>

namespace wfc::readback {

// afterok and aftercorr: a failure of the earlier job blocks all that is cancelled with it. Arrays
// wait only for arrays, the verdict for everything, the finalizers for the verdict.
void prove_waits(const Emitted& emitted, const Closure& closure, Report& report);

// afterany dependencies that order more than the workflow does, by position.
std::vector<ExtraOrder> extra_orders(const Emitted& emitted);

}  // namespace wfc::readback
