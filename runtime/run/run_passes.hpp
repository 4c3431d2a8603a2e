// The retry ladder on one machine: later passes in the same process.
#pragma once

#include "runtime/run/job.hpp"

#include <cstdint>
#include <functional>

namespace wfr {

// Runs again what `result`'s run has left and more memory or time may mend, then what needs it:
// pass after pass until none has anything to do. `job` is that of the first pass; its memory is all
// that an attempt can be given. Returns the counts and failures as they are after the last pass.
// `on_pass(pass, tasks)` is called before each.
JobResult run_passes(const Plan& plan,
                     const JobOptions& job,
                     JobResult result,
                     const std::function<void(std::uint32_t, std::uint64_t)>& on_pass);

}  // namespace wfr
