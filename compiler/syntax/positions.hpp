// From toml++'s positions (lines and code points) to ours (lines and bytes).
#pragma once

#include "compiler/diagnostics/source.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace wfc {

class Positions {
 public:
  explicit Positions(std::shared_ptr<const SourceFile> source);

  // `end` is exclusive, as toml++ 3.3 gives it. Both are clamped to the file.
  [[nodiscard]] Span span(std::uint32_t line,
                          std::uint32_t column,
                          std::uint32_t end_line,
                          std::uint32_t end_column) const;
  // The line without its end of line.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;
  [[nodiscard]] std::uint32_t lines() const { return static_cast<std::uint32_t>(begin_.size()); }
  // Of the byte at `offset` of the text; one byte wide.
  [[nodiscard]] Span at_offset(std::size_t offset) const;
  // The text that a span covers.
  [[nodiscard]] std::string_view text(const Span& span) const;

 private:
  [[nodiscard]] std::uint32_t byte_column(std::uint32_t line, std::uint32_t column) const;

  std::shared_ptr<const SourceFile> source_;
  std::vector<std::size_t> begin_;  // of each line
};

}  // namespace wfc
