// Globs and /regex/ of `match`, `only`, `exclude` and `where`.
#pragma once

#include <string>
#include <string_view>

namespace wfc {

// "/.../", with something between.
bool is_regex(std::string_view pattern);
// What is wrong with a pattern for one directory name, or "". Regular expressions are ECMAScript's.
std::string pattern_problem(const std::string& pattern);
// Whether a path has glob characters: * ? [
bool is_glob(std::string_view path);

}  // namespace wfc
