// Globs and /regex/ of `match`, `only`, `exclude` and `where`.
#include "compiler/workflow/pattern.hpp"

#include <regex>

namespace wfc {
namespace {

// std::regex recurses a byte at a time: a long pattern could only come from a mistake.
constexpr std::size_t kLongest = 1000;

std::string_view meaning(std::regex_constants::error_type code) {
  namespace rc = std::regex_constants;
  if (code == rc::error_brack) return "a `[` is not closed";
  if (code == rc::error_paren) return "a `(` or `)` has no partner";
  if (code == rc::error_brace || code == rc::error_badbrace) return "the content of `{}` is wrong";
  if (code == rc::error_badrepeat) return "a `*`, `+` or `?` repeats nothing";
  if (code == rc::error_escape) return "a `\\` is followed by what cannot be escaped";
  if (code == rc::error_range) return "a range such as `z-a` goes backwards";
  if (code == rc::error_backref) return "a back reference names no group";
  if (code == rc::error_ctype || code == rc::error_collate)
    return "a class of characters is unknown";
  return "it is too complicated";
}

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

std::string pattern_problem(const std::string& pattern) {
  if (pattern.empty()) return "it is empty";
  if (pattern.size() > kLongest) return "it is longer than 1000 bytes";
  if (is_regex(pattern)) {
    try {
      const std::regex compiled(pattern.substr(1, pattern.size() - 2));
    } catch (const std::regex_error& error) {
      return std::string(meaning(error.code()));
    }
    return "";
  }
  if (pattern.find('/') != std::string::npos) {
    return "it holds a `/`, but a directory's name is one path component";
  }
  return glob_problem(pattern);
}

bool is_glob(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace wfc
