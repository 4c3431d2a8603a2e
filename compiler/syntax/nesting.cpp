// How deeply a TOML text nests, looked at before it is parsed: strings and comments are passed
// over.
#include "compiler/syntax/nesting.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

// The end of the string that begins at `at`. One that is not closed ends with its line, or with the
// text.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool multi_line = text.substr(at, 3) == three;
  at += multi_line ? 3 : 1;
  while (at < text.size()) {
    if (text[at] == '\\' && quote == '"') {
      at += 2;
    } else if (multi_line && text.substr(at, 3) == three) {
      // Up to two more quotes belong to the content.
      return std::min(text.find_first_not_of(quote, at), text.size());
    } else if (!multi_line && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

std::optional<TooDeepAt> find_too_deep(std::string_view text) {
  std::size_t parts = 1;  // of the key that is read, or of what may be one
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size();) {
    switch (text[at]) {
      case '"':
      case '\'':
        at = end_of_string(text, at);
        continue;
      case '#':
        at = std::min(text.find('\n', at), text.size());
        continue;
      case '.':
        if (++parts > kMostKeyParts) {
          return TooDeepAt{at, fmt::format("a key of more than {} parts", kMostKeyParts)};
        }
        break;
      case '[':
      case '{':
        if (++open > kMostNested) {
          return TooDeepAt{at,
                           fmt::format("more than {} lists and tables in each other", kMostNested)};
        }
        parts = 1;
        break;
      case ']':
      case '}':
        open -= std::min<std::size_t>(open, 1);
        parts = 1;
        break;
      case '\n':
      case '=':
      case ',':
        parts = 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return std::nullopt;
}

}  // namespace wfc
