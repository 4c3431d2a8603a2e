// Finds a diagnostic's section in the pages that are built in.
#include "compiler/diagnostics/explain.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {

std::string explanation(Kind kind) {
  const std::string heading = fmt::format("\n## {} ", kind_code(kind));
  for (const std::string_view page : diagnostic_pages()) {
    const std::size_t found = page.find(heading);
    if (found == std::string_view::npos) continue;
    const std::size_t begin = found + 1;
    const std::size_t end = std::min(page.find("\n## ", begin), page.size());
    std::string section(page.substr(begin, end - begin));
    while (!section.empty() && section.back() == '\n') section.pop_back();
    // A terminal needs no mark for a heading.
    return section.substr(std::string_view("## ").size()) + "\n";
  }
  return fmt::format("{} {}\n", kind_code(kind), kind_info(kind).title);
}

}  // namespace wfc
