// Finds placeholders in a text: `{word}` and `{word.word}`; everything else is literal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

struct BraceToken {
  bool placeholder = false;
  std::string text;  // literal text with doubled braces made single, or what is between the braces
  std::size_t begin = 0;  // bytes in the text; of a placeholder with its braces
  std::size_t end = 0;
};

// `{{` and `}}` are single braces. A brace after `$` opens a parameter of the shell, and a brace
// whose content does not look like a placeholder (`{print $1}`, `{a,b}`, `{1..3}`, `{}`) stands for
// itself; its closing brace does too.
std::vector<BraceToken> find_placeholders(std::string_view text);

}  // namespace wfc
