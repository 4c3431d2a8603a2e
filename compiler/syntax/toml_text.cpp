// Quoting for TOML files that wfc writes.
#include "compiler/syntax/toml_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {

std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? name : toml_text(name);
}

std::string toml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string toml_comment(std::string text) {
  std::replace_if(
      text.begin(),
      text.end(),
      [](unsigned char byte) { return byte < 0x20U || byte == 0x7FU; },
      '?');
  return text;
}

}  // namespace wfc
