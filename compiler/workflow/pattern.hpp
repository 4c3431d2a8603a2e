// Globs and /regex/ of `match`, `only`, `exclude` and `where`.
#pragma once

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/regex.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// "/.../", with something between.
bool is_regex(std::string_view pattern);
// What is wrong with a pattern for one directory's name.
PatternProblem pattern_problem(const std::string& pattern);
// The patterns of a text or a list of texts; what is wrong with one is reported at its place.
std::vector<std::string> read_patterns(Context& context, const ast::Value& value);
// Whether a path has glob characters: * ? [
bool is_glob(std::string_view path);

}  // namespace wfc
