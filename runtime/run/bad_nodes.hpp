// Nodes that eat tasks: what starts there fails, while the same steps succeed elsewhere.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <string>
#include <vector>

namespace wfr {

// So many different tasks in a row make a node suspect.
inline constexpr std::size_t kBadAfter = 3;

// True if another node may do better: not out of memory or time, not stopped, not held back.
bool may_be_the_nodes(FailureKind kind);

// From the logs of one plan, by name. A node is bad if the last kBadAfter different tasks that
// ended on it, or were lost with it, failed in such a way and none has succeeded since, and for
// each step among them a node that is not bad has finished a task. So there is always one left that
// works, and a step that fails everywhere is not blamed on nodes.
std::vector<std::string> bad_nodes(const StatePaths& paths);

}  // namespace wfr
