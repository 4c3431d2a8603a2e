// Bytes to text that is safe to show.
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace wfr {

namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// How long the sequence that a lead byte announces is; 0 for a byte that can lead none.
std::size_t announced_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The length of the well-formed UTF-8 sequence at `i` (Unicode standard, table 3-7), or 0.
std::size_t sequence_length(std::string_view bytes, std::size_t i) {
  const std::uint8_t lead = byte_at(bytes, i);
  const std::size_t length = announced_length(lead);
  if (length == 0 || i + length > bytes.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte_at(bytes, i + k) & 0xC0U) != 0x80U) return 0;
  }
  if (length < 3) return length;
  const std::uint8_t second = byte_at(bytes, i + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool beyond = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

// A character of two or three bytes that a terminal obeys instead of showing it: U+0080 to U+009F;
// marks that turn the direction of what follows (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066
// to U+2069); ends of lines and of paragraphs (U+2028, U+2029).
bool is_control(std::string_view character) {
  if (character.size() == 2) {
    return (character[0] == '\xC2' && byte_at(character, 1) < 0xA0) || character == "\xD8\x9C";
  }
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const std::uint8_t last = byte_at(character, 2);
  if (character[1] == '\x80') return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  return character[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

std::string escaped(char c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
}

// `kept`: of the characters with a meaning of their own, those that stay.
std::string shown(std::string_view bytes, std::string_view kept) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = sequence_length(bytes, i);
    const std::string_view character = bytes.substr(i, std::max<std::size_t>(length, 1));
    const std::uint8_t byte = byte_at(bytes, i);
    const bool low = byte < 0x20 || byte == 0x7F;
    if (low && kept.find(bytes[i]) != std::string_view::npos) {
      text += bytes[i];
    } else if (length == 0 || low || is_control(character)) {
      for (const char c : character) text += escaped(c);
    } else {
      if (byte == '\\' && kept.find('\\') == std::string_view::npos) text += '\\';
      text += character;
    }
    i += character.size();
  }
  return text;
}

}  // namespace

std::string visible(std::string_view bytes) {
  return shown(bytes, "");
}

std::string visible_text(std::string_view bytes) {
  return shown(bytes, "\n\t\\");
}

}  // namespace wfr
