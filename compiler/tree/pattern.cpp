// Patterns for directory names; the two commonest forms of glob do not go through fnmatch.
#include "compiler/tree/pattern.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace wfc {

Pattern::Pattern(std::string_view text, bool of_names) : glob_(text), of_names_(of_names) {
  if (text.size() >= 2 && text.front() == '/' && text.back() == '/') {
    regex_.emplace(text.substr(1, text.size() - 2));
    return;
  }
  const std::size_t special = text.find_first_of("*?[\\");
  literal_ = text.substr(0, special);
  literal_only_ = special == std::string_view::npos;
  literal_star_ = !literal_.empty() && special + 1 == text.size() && text.back() == '*';
}

bool Pattern::matches(std::string_view name) const {
  if (regex_) return regex_->matches(name);
  if (literal_only_) return name == literal_;
  if (!name.starts_with(literal_)) return false;
  if (literal_star_) return true;
  const std::string terminated(name);
  return fnmatch(glob_.c_str(), terminated.c_str(), of_names_ ? FNM_PERIOD : 0) == 0;
}

bool matches_any(const std::vector<Pattern>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [name](const Pattern& pattern) {
    return pattern.matches(name);
  });
}

std::vector<Pattern> make_patterns(const std::vector<std::string>& texts, bool of_names) {
  std::vector<Pattern> patterns;
  patterns.reserve(texts.size());
  for (const std::string& text : texts) patterns.emplace_back(text, of_names);
  return patterns;
}

}  // namespace wfc
