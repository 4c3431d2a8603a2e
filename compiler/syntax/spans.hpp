// Places inside a string of the workflow file.
#pragma once

#include "compiler/syntax/ast.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wfc {

// Where the bytes of one string value are written: through escapes, in basic, literal and
// multi-line strings. The source is read when the first part is asked for, and only then. `text`
// outlives it.
class TextParts {
 public:
  explicit TextParts(const ast::Value& text) : text_(text) {}
  // The place of the bytes [begin, end). The whole value's span when the source does not spell this
  // value.
  Span part(std::size_t begin, std::size_t end);

 private:
  struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };
  friend class StringWalk;

  const ast::Value& text_;
  std::vector<Place> places_;  // one for every byte, and one past the last
};

// The same of one part.
inline Span part_of(const ast::Value& text, std::size_t begin, std::size_t end) {
  return TextParts(text).part(begin, end);
}

}  // namespace wfc
