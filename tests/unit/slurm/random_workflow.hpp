// Random workflows and partitions for property tests: the same for the same numbers.
#pragma once

#include "tests/unit/slurm/fixture.hpp"
#include "tests/unit/slurm/slurm_model.hpp"

namespace wfc::test {

// Up to seven steps over up to four sessions of five channels.
Example random_workflow(Chance& chance);
// Which steps share a job, how many directories do, and which of them: all families are acyclic.
JobGraph random_partition(const Example& example, Chance& chance);

}  // namespace wfc::test
