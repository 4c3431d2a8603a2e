// Names as people see them.
#pragma once

#include <string>
#include <string_view>

namespace wfc {

bool is_utf8(std::string_view bytes);

// Equal for names that differ only in their Unicode form.
std::string composed(std::string_view name);
// Equal for names that differ only in case or in their Unicode form (a composed letter, or a letter
// and its accent). Bytes that are not UTF-8 stay, but for the case of ASCII letters.
std::string folded(std::string_view name);

}  // namespace wfc
