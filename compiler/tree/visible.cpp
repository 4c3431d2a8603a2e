// Names from the disk as text that is safe to show.
#include "compiler/tree/visible.hpp"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace wfc {

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

}  // namespace

std::string visible(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const std::uint8_t byte = byte_at(bytes, i);
    const std::size_t length = sequence_length(bytes, i);
    // U+0080 to U+009F are controls too: C2 80 to C2 9F.
    const bool late_control = length == 2 && byte == 0xC2 && byte_at(bytes, i + 1) < 0xA0;
    if (length == 0 || byte < 0x20 || byte == 0x7F || late_control) {
      text += byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : fmt::format("\\x{:02x}", byte);
      i += 1;
    } else {
      if (byte == '\\') text += '\\';
      text += bytes.substr(i, length);
      i += length;
    }
  }
  return text;
}

}  // namespace wfc
