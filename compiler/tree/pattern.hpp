// Patterns for directory names: a glob, or a regular expression between slashes.
#pragma once

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// A glob is fnmatch(3)'s over bytes, for the whole name; as in a shell, a leading dot is matched
// only by a dot. `/regex/` is ECMAScript's over bytes and may match anywhere in the name: anchor it
// with ^ $.
class Pattern {
 public:
  explicit Pattern(std::string_view text);
  [[nodiscard]] bool matches(std::string_view name) const;
  // Why the pattern can match nothing ("" when it is good): the regular expression is not valid.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string glob_;
  std::string literal_;        // what every match starts with
  bool literal_only_ = false;  // the glob is that and nothing more
  bool literal_star_ = false;  // the glob is that and one `*` at its end
  std::shared_ptr<const std::regex> regex_;
  std::string problem_;
};

bool matches_any(const std::vector<Pattern>& patterns, std::string_view name);
std::vector<Pattern> make_patterns(const std::vector<std::string>& texts);

}  // namespace wfc
