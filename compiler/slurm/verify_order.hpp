// Proof of the order: every task starts after all that it waits for have ended.
#pragma once

#include "compiler/slurm/verify_closure.hpp"
#include "compiler/slurm/verify_jobs.hpp"
#include "compiler/slurm/verify_relation.hpp"

#include <cstdint>
#include <vector>

namespace wfc::readback {

// The tasks of `step` (a place in the family's list) that the element with this index of an array
// runs; empty when it has no such index.
std::vector<wfr::Range> tasks_at(const Emitted& emitted,
                                 const Job& job,
                                 std::size_t step,
                                 std::uint32_t index);

// True if a task of `later` waits for a task of `earlier`, over any edge.
bool is_related(const Emitted& emitted,
                const StepIndex& steps,
                const Job& later,
                const Job& earlier);

// Gives the number of relations of the workflow. Needs Job::tasks.
std::uint64_t prove_order(const Emitted& emitted, const Closure& closure, Report& report);

}  // namespace wfc::readback
