// Small things about paths of data: joining, the form a command sees, globs, and what to call a
// temporary.
#pragma once

#include "runtime/plan/plan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// `path` below `root`, or itself when it is absolute.
std::string below(const std::string& root, std::string_view path);
// The part before the last '/' ("." if there is none) and the part after it.
std::string parent_of(const std::string& path);
std::string base_name(const std::string& path);

// As a command in `directory` shall see the absolute `path`: relative when it is below it, never
// beginning with '-'.
std::string seen_from(const std::string& directory, const std::string& path);

// With a backslash before everything that a glob would read as more than itself.
std::string escape_glob(std::string_view text);
// The one path that a pattern stands for, or nullopt when it has a wildcard in it.
std::optional<std::string> literal_of(std::string_view pattern);
// Files that match, bytewise sorted. `pattern` is absolute.
std::vector<std::string> matches(const std::string& pattern);

// 16 hexadecimal digits, the same for a task in every plan.
std::string task_tag(const Plan& plan, Task task);

// Where what failed attempts of a task have left is kept: DIRECTORY/STEP/NAMES.
std::string failed_place(const std::string& directory, const Plan& plan, Task task);

// A new directory BASE-XXXXXX for this user alone, whose name nobody can foresee. Throws
// std::system_error.
std::string make_scratch(const std::string& base);

}  // namespace wfr
