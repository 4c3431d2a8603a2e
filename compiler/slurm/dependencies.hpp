// Which job array waits for which, and how: the weakest dependency that is right.
#pragma once

#include "runtime/plan/plan.hpp"

#include <vector>

namespace wfc {

// Fills in JobArray::after of `plan.arrays`.
//   aftercorr  both arrays have one task at each directory of the same chunk of the same block map,
//   every
//              edge between them stays in the directory, and no index of the later is missing in
//              the earlier (Slurm then takes the whole earlier array);
//   afterok    a failure of any task of the earlier blocks every task of the later;
//   afterany   otherwise: wfr asks each task's own producers before it runs it.
void add_dependencies(wfr::Plan& plan);

}  // namespace wfc
