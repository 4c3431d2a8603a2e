// jobs/NAME.tasks: which array index is which directory, for people.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>

namespace wfc {

// True if the array has a list: a plain job has no index, and what a job of a later pass runs is
// known when it starts.
bool has_task_directories(const wfr::JobArray& array);
// A head and a line for each array task, or for so many (1, 2, 5, 10, ...) that neither this list
// nor those of all arrays with `elements` tasks together become long.
std::string task_directories(const wfr::Plan& plan,
                             const wfr::JobArray& array,
                             std::uint64_t elements);

}  // namespace wfc
