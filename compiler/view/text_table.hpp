// A table in plain text: the first column to the left, all others to the right.
#pragma once

#include <string>
#include <vector>

namespace wfc {

// The first row is the head. Cells are UTF-8; a row may have fewer cells than the head.
// `indent` spaces before every row, two between columns.
std::string text_table(const std::vector<std::vector<std::string>>& rows, std::size_t indent);
// Characters of UTF-8 text.
std::size_t text_width(const std::string& text);
// At most `width` characters, the last ones replaced by "..".
std::string shortened(const std::string& text, std::size_t width);

}  // namespace wfc
