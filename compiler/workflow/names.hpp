// What names may look like.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wfc {

// Bytes of the name of a workflow or step: two of them and a number make the name of a file.
inline constexpr std::size_t kLongestStepName = 100;

// [A-Za-z0-9][A-Za-z0-9_.-]*, no longer than kLongestStepName: a step; it becomes part of file
// names and of Slurm's job names.
bool is_step_name(std::string_view name);
// [A-Za-z_][A-Za-z0-9_-]*: a level, a parameter, an output, a column in a placeholder.
bool is_word(std::string_view name);
// [A-Za-z_][A-Za-z0-9_]*: an environment variable.
bool is_variable_name(std::string_view name);
// A word with a meaning of its own in placeholders: "inputs", "params" ...
bool is_reserved(std::string_view name);
// "" when `name` can be a directory's name, else what is wrong: "is empty", "contains a `/`".
std::string directory_name_problem(std::string_view name);

}  // namespace wfc
