// Finds lines in a source file.
#include "compiler/diagnostics/source.hpp"

namespace wfc {

std::string_view SourceFile::line(std::uint32_t line) const {
  const std::string_view all(text);
  std::size_t begin = 0;
  for (std::uint32_t number = 1; number < line; ++number) {
    const std::size_t end = all.find('\n', begin);
    if (end == std::string_view::npos) return {};
    begin = end + 1;
  }
  std::string_view found = all.substr(begin, all.find('\n', begin) - begin);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

}  // namespace wfc
