// Names as people see them.
#include "compiler/workflow/unicode.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include <utf8proc.h>

namespace wfc {
namespace {

const utf8proc_uint8_t* as_units(std::string_view bytes) {
  return reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());  // NOLINT(*-reinterpret-cast)
}

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x80;
  });
}

std::string in_lower_case(std::string_view bytes) {
  std::string text(bytes);
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return text;
}

// nullopt for what is not UTF-8.
std::optional<std::string> mapped(std::string_view name, unsigned options) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(as_units(name),
                   static_cast<utf8proc_ssize_t>(name.size()),
                   &result,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
  if (size < 0) return std::nullopt;
  return std::string(result, result + size);
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    utf8proc_int32_t letter = 0;
    const auto size =
        utf8proc_iterate(as_units(bytes), static_cast<utf8proc_ssize_t>(bytes.size()), &letter);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string composed(std::string_view name) {
  return is_ascii(name) ? std::string(name) : mapped(name, 0).value_or(std::string(name));
}

std::string folded(std::string_view name) {
  if (is_ascii(name)) return in_lower_case(name);
  return mapped(name, UTF8PROC_CASEFOLD).value_or(in_lower_case(name));
}

}  // namespace wfc
