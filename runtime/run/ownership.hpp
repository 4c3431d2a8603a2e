// What a task owns: what the record that its slot points at lists, and nothing else on the disk.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <string>
#include <vector>

namespace wfr {

// Relative to the task's directory, ascending; of a directory output the directory itself with a
// '/' behind it and all below it. {} where there is no record. For any thread.
std::vector<std::string> owned_paths(LogReader& records, const Slot& slot);

// As records have them: `path` (absolute) relative to the task's directory (absolute), or as it is
// where it is not inside it.
std::string owned_name(const std::string& directory, const std::string& path);
std::vector<std::string> owned_names(const std::string& directory,
                                     const std::vector<std::string>& paths);

}  // namespace wfr
