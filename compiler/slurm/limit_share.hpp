// `limit`, the most tasks of a step at once, shared out over the arrays that run them.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// How many jobs of the family may run at once so that no step of it exceeds its limit; 0: any
// number. A job runs as many tasks of a step at once as its cpus and the limit allow.
std::uint32_t jobs_at_once(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const wfr::Family& family);

// Sets `limit` (%limit) of a family's arrays, which are next to each other from position `first` of
// `arrays`: shares in proportion to their sizes whose sum is `jobs`. Where there are more arrays
// than jobs, each runs one job at a time, and an array starts when the one `jobs` before it has
// ended.
void share_limit(std::uint32_t jobs, std::size_t first, std::vector<wfr::JobArray>& arrays);

}  // namespace wfc
