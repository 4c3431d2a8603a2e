// Names and texts that others have written, safe to show on a terminal and in a table: any bytes
// in, valid UTF-8 without controls out.
#pragma once

#include <string>
#include <string_view>

namespace wfr {

// A name: control characters, bytes that are no UTF-8 and the characters that turn the direction
// of a line (Unicode Standard Annex 9) become `\n`, `\t`, `\xNN`; a backslash becomes `\\`, so
// that different names stay different.
std::string visible(std::string_view bytes);
// What a program has said, or a message that has names in it: the same, but lines, tabs and
// backslashes stay as they are. What visible() has made, it leaves alone.
std::string visible_text(std::string_view bytes);

}  // namespace wfr
