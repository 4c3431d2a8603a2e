// Keeping the later passes away from a node that eats tasks.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <string>

namespace wfr {

// After a job of `run` has failed: if its node is bad, the jobs of later passes that wait in the
// queue are told to leave it out (scontrol update ExcNodeList). Once for each node of a plan;
// returns a line for the log, "" when there is nothing to do.
std::string leave_own_node_out(const Plan& plan, const StatePaths& paths, const std::string& run);

}  // namespace wfr
