// Source files and places in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

struct SourceFile {
  std::string name;  // as the user gave it: shown in messages
  std::string text;
  // Line `line` (1-based) without its end of line.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;
};

// Lines and columns are 1-based, columns count bytes; `end` is one past the last byte.
struct Span {
  const SourceFile* file =
      nullptr;  // null: no place in a file (a command-line option, a directory)
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;
  [[nodiscard]] bool known() const { return file != nullptr && line != 0; }
};

template <class T>
struct Spanned {
  T value{};
  Span span;
};

}  // namespace wfc
