// Names from the disk as text that is safe to show: any bytes in, valid UTF-8 without controls out.
#pragma once

#include <string>
#include <string_view>

namespace wfc {

// Control characters and bytes that are no UTF-8 become `\n`, `\t`, `\xNN`; a backslash becomes
// `\\`, so that different names stay different.
std::string visible(std::string_view bytes);

}  // namespace wfc
