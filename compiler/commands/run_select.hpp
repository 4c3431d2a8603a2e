// Which tasks a run is about.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wfc {

using TaskRanges = std::vector<std::pair<wfr::StepId, wfr::Range>>;

// All tasks of these steps, or of every step without names; with `to`, of a step and all that it
// needs. Finalizers are never among them. Throws std::invalid_argument for an unknown name.
TaskRanges select_tasks(const wfr::Plan& plan,
                        const std::vector<std::string>& steps,
                        const std::string& to);

// The same for wfr::decide().
wfr::Selection selection_of(const wfr::Plan& plan, const TaskRanges& tasks);

}  // namespace wfc
