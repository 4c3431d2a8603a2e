// How deeply a TOML text nests, looked at before it is parsed: parsers go down by recursion.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wfc {

// The language needs four of either. Whatever lies within both bounds is parsed, converted and
// destroyed in a small part of a stack.
inline constexpr std::size_t kMostKeyParts = 16;  // a.b.c has three
inline constexpr std::size_t kMostNested = 32;    // brackets and braces that are open at once

struct TooDeepAt {
  std::size_t offset = 0;  // of the byte that goes too far
  std::string message;
};

// nullopt when nothing is too deep. A text that is not TOML may be taken for deeper than it is, but
// never for less. O(bytes).
std::optional<TooDeepAt> find_too_deep(std::string_view text);

}  // namespace wfc
