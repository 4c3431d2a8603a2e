// What an output's path must be, when its placeholders are filled in and when they are not.
#pragma once

#include "runtime/plan/step.hpp"

#include <string>
#include <string_view>

namespace wfr {

inline constexpr std::size_t kLongestName = 255;  // bytes of a path component (NAME_MAX of Linux)

// Why a path relative to the task's directory does not name something strictly inside it: "is
// empty", "leaves the task's directory". "" when it does.
std::string output_path_problem(std::string_view path);
// The same of a template: each placeholder of a level or a column stands for one good name.
std::string output_path_problem(const Template& path);

}  // namespace wfr
