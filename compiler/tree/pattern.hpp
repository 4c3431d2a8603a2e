// Patterns for directory names: a glob, or a regular expression between slashes.
#pragma once

#include "compiler/workflow/regex.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// A glob is fnmatch(3)'s over bytes, for the whole name; as in a shell, a leading dot is matched
// only by a dot, unless the texts are no names of files. `/regex/` matches the whole name too; see
// Regex.
class Pattern {
 public:
  explicit Pattern(std::string_view text, bool of_names = true);
  [[nodiscard]] bool matches(std::string_view name) const;
  // The one name that it matches; nullptr when there may be more.
  [[nodiscard]] const std::string* only_name() const { return literal_only_ ? &literal_ : nullptr; }

 private:
  std::string glob_;
  std::string literal_;  // what every match starts with
  bool of_names_;
  bool literal_only_ = false;  // the glob is that and nothing more
  bool literal_star_ = false;  // the glob is that and one `*` at its end
  std::optional<Regex> regex_;
};

bool matches_any(const std::vector<Pattern>& patterns, std::string_view name);
std::vector<Pattern> make_patterns(const std::vector<std::string>& texts, bool of_names = true);

}  // namespace wfc
