// Proof of the tasks: every task of every step is in exactly one job.
#pragma once

#include "compiler/slurm/verify_jobs.hpp"

namespace wfc::readback {

// The tasks of one step in the blocks [first, first + count) of a family's map: ascending ranges,
// one where the blocks are consecutive nodes. Tasks between two nodes of a range are there only if
// some task of the family is in no block at all, which prove_tasks() reports. O(depth), or
// O(nodes log nodes) where the map has an order of its own.
std::vector<wfr::Range> tasks_of_blocks(const wfr::Plan& plan,
                                        const wfr::Family& family,
                                        std::size_t step,
                                        wfr::Range blocks);

// Fills in Job::tasks. Time: proportional to runs, and to the gaps of the block maps.
void prove_tasks(Emitted& emitted, Report& report);

}  // namespace wfc::readback
