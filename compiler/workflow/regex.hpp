// Regular expressions over names of directories: RE2's, which take linear time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace wfc {

// What is wrong with a pattern, and the bytes [begin, end) of it that are meant.
struct PatternProblem {
  std::string what;  // "" when nothing is
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string help;  // "" when there is nothing better than to correct it
};

// Matches whole names. It reads UTF-8; in a name that is not UTF-8 each byte is a character, so
// that no name is beyond all patterns. `.` is any character, a line end too.
class Regex {
 public:
  explicit Regex(std::string_view text);
  [[nodiscard]] bool matches(std::string_view name) const;
  [[nodiscard]] PatternProblem problem() const;

 private:
  std::shared_ptr<const re2::RE2> text_;
  std::shared_ptr<const re2::RE2> bytes_;
};

}  // namespace wfc
