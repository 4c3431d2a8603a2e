// Which job array waits for which, and how: the weakest dependency that is right.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// Adds to JobArray::after of `plan.arrays`; what is there already (arrays that take turns because
// of a limit) stays. A task runs if and only if all its own producers have succeeded: a success
// dependency may only hold back what the failure blocks.
//   aftercorr   both arrays have the same chunk of the same block map, every edge between them
//   stays
//               inside a directory of the map, the earlier has one task a block and every task of
//               the later needs that of its block, no index of the later is missing in the earlier
//               (Slurm then takes the whole earlier array), and the later has no more than `window`
//               elements (see below);
//   aftercorr-or-afterany  the same chunk of the same map and edges inside its directories, nothing
//               else: the failure of a job holds its successor back until the whole earlier array
//               has ended, and then wfr asks each task's own producers. Only where nothing else is
//               waited for: Slurm has no parentheses;
//   afterok     a failure of any task of the earlier blocks every task of the later;
//   afterany    otherwise: wfr asks each task's own producers before it runs it.
//   An array of a later pass waits with afterany for all that it may have to do again (passes.hpp),
//   and no array of the first pass waits for one of a later.
// `window` is the site's correspond_after_task_cnt. Slurm looks at so many pending elements of an
// array; the producer of one that comes later may have ended and been purged (MinJobAge) when it is
// looked at, and Slurm then asks for the success of the whole earlier array.
void add_dependencies(wfr::Plan& plan, std::uint32_t window, std::vector<PassNote>& notes);

}  // namespace wfc
