// Places inside a string of the workflow file.
#pragma once

#include "compiler/syntax/ast.hpp"

#include <cstddef>

namespace wfc {

// The place of the bytes [begin, end) of a string value: through escapes, in basic, literal and
// multi-line strings. The whole value's span when the source does not spell this value.
Span part_of(const ast::Value& text, std::size_t begin, std::size_t end);

}  // namespace wfc
