// From toml++'s positions (lines and code points) to ours (lines and bytes).
#include "compiler/syntax/positions.hpp"

#include <algorithm>
#include <utility>

namespace wfc {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

Positions::Positions(std::shared_ptr<const SourceFile> source) : source_(std::move(source)) {
  begin_.push_back(0);
  for (std::size_t i = 0; i < source_->text.size(); ++i) {
    if (source_->text[i] == '\n') begin_.push_back(i + 1);
  }
}

std::string_view Positions::line(std::uint32_t line) const {
  const std::string_view text(source_->text);
  if (line == 0 || line > begin_.size()) return {};
  const std::size_t begin = begin_[line - 1];
  const std::size_t end = line < begin_.size() ? begin_[line] - 1 : text.size();
  std::string_view found = text.substr(begin, end - begin);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

std::uint32_t Positions::byte_column(std::uint32_t line_number, std::uint32_t column) const {
  const std::string_view found = line(line_number);
  // toml++ does not count a byte order mark.
  std::size_t offset = line_number == 1 && found.substr(0, kByteOrderMark.size()) == kByteOrderMark
                           ? kByteOrderMark.size()
                           : 0;
  for (std::uint32_t seen = 1; seen < column && offset < found.size(); ++seen) {
    ++offset;
    while (offset < found.size() && continues(found[offset])) ++offset;
  }
  return static_cast<std::uint32_t>(offset) + 1;
}

Span Positions::span(std::uint32_t line_number,
                     std::uint32_t column,
                     std::uint32_t end_line,
                     std::uint32_t end_column) const {
  const std::uint32_t first = std::clamp<std::uint32_t>(line_number, 1, lines());
  const std::uint32_t last = std::clamp<std::uint32_t>(end_line, first, lines());
  Span span{source_.get(), first, byte_column(first, column), last, byte_column(last, end_column)};
  if (span.end_line == span.line) span.end_column = std::max(span.end_column, span.column + 1);
  return span;
}

Span Positions::at_offset(std::size_t offset) const {
  const auto after = std::upper_bound(begin_.begin(), begin_.end(), offset);
  const auto line_number = static_cast<std::uint32_t>(after - begin_.begin());
  const auto column = static_cast<std::uint32_t>(offset - *(after - 1)) + 1;
  return {source_.get(), line_number, column, line_number, column + 1};
}

std::string_view Positions::text(const Span& span) const {
  const std::string_view all(source_->text);
  const std::size_t begin = std::min(begin_[span.line - 1] + span.column - 1, all.size());
  const std::size_t end = std::min(begin_[span.end_line - 1] + span.end_column - 1, all.size());
  return all.substr(begin, std::max(begin, end) - begin);
}

}  // namespace wfc
