// An oracle for `wfc verify`: executes emitted jobs as Slurm would, element by element, in a random
// order with random failures, and looks at every task. Knows nothing of closures or ranges.
#pragma once

#include "compiler/slurm/verify_jobs.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wfc::test {

// What went wrong first in `runs` random executions; nullopt if nothing did.
std::optional<std::string> find_fault(const readback::Emitted& emitted,
                                      unsigned runs,
                                      std::uint32_t seed);

}  // namespace wfc::test
