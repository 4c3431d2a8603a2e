// Globs and /regex/ of `match`, `only`, `exclude` and `where`.
#include "compiler/workflow/pattern.hpp"

#include "compiler/syntax/spans.hpp"
#include "compiler/workflow/values.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::string_view kHelp =
    R"(a glob such as "session*", or a regular expression such as "/session[0-9]+/")";

std::string glob_problem(std::string_view glob) {
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '\\') {
      ++i;
      if (i == glob.size()) return "it ends in a `\\`";
    } else if (glob[i] == '[') {
      std::size_t close = i + 1;
      if (close < glob.size() && (glob[close] == '!' || glob[close] == '^')) ++close;
      // A `]` that comes first stands for itself.
      close = glob.find(']', close + 1);
      if (close == std::string_view::npos) return "a `[` is not closed";
      i = close;
    }
  }
  return "";
}

}  // namespace

bool is_regex(std::string_view pattern) {
  return pattern.size() > 2 && pattern.front() == '/' && pattern.back() == '/';
}

PatternProblem pattern_problem(const std::string& pattern) {
  if (pattern.empty()) return {"it is empty", 0, 0, ""};
  if (is_regex(pattern)) {
    PatternProblem problem =
        Regex(std::string_view(pattern).substr(1, pattern.size() - 2)).problem();
    ++problem.begin;  // the slash
    ++problem.end;
    return problem;
  }
  if (pattern.find('/') != std::string::npos) {
    return {"it contains a `/`, but a directory's name is one path component", 0, 0, ""};
  }
  return {glob_problem(pattern), 0, 0, ""};
}

std::vector<std::string> read_patterns(Context& context, const ast::Value& value) {
  std::vector<std::string> patterns;
  for (const ast::Value* written : texts_of(value)) {
    const std::string& pattern = *as_text(*written);
    patterns.push_back(pattern);
    const PatternProblem problem = pattern_problem(pattern);
    if (problem.what.empty()) continue;
    context.report(
        Kind::BadPattern,
        problem.end > problem.begin ? part_of(*written, problem.begin, problem.end) : written->span,
        fmt::format("`{}` is not a pattern: {}", pattern, problem.what),
        problem.help.empty() ? std::string(kHelp) : problem.help);
  }
  return patterns;
}

bool is_glob(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace wfc
