// The retry ladder under Slurm: the job arrays of the later passes.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "compiler/slurm/resources.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/rungs.hpp"

#include <cstddef>
#include <vector>

namespace wfc {

// The failures of a step are shared out among so many jobs of a later pass at most.
inline constexpr std::uint32_t kMostPassJobs = 16;

// What the jobs of a family ask for in a pass: grown, and cut at what its partition (or the largest
// that the site has, where wfc chooses) gives. Never less than in the first pass.
wfr::ResourceSpec pass_job(const Workflow& workflow, const wfr::Family& family, std::uint32_t pass);

// Adds, for each pass from the second on, an array for every family with a step that has more in it
// than in the pass before, and for every family after one of those: in the order of the families.
// `after` is left to add_dependencies(). Notes say where a partition ends the ladder.
void add_passes(const Workflow& workflow, wfr::Plan& plan, std::vector<PassNote>& notes);

// What an array of a later pass must find ended: the same family's arrays of earlier passes, and
// all arrays, up to its own pass, of the families that its tasks need. By position, ascending.
std::vector<std::size_t> pass_waits(const wfr::Plan& plan, std::size_t later);

}  // namespace wfc
