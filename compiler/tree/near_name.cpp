// The name that was probably meant.
#include "compiler/tree/near_name.hpp"

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/unicode.hpp"

#include <algorithm>

namespace wfc {

std::string near_name(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string key = folded(wanted);
  const auto same = std::find_if(
      names.begin(), names.end(), [&](const std::string& name) { return folded(name) == key; });
  return same != names.end() ? *same : nearest(wanted, names);
}

std::string near_name(std::string_view wanted, const wfr::Names& names) {
  // Distances to a million names would take a while, and the first are as good a help.
  constexpr std::uint32_t kLookedAt = 10000;
  std::vector<std::string> some;
  for (std::uint32_t i = 0; i < std::min(names.size(), kLookedAt); ++i) {
    some.emplace_back(names.at(i));
  }
  return near_name(wanted, some);
}

bool has_name(const wfr::Names& names, std::string_view wanted) {
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names.at(i) == wanted) return true;
  }
  return false;
}

std::string_view folded_difference(std::string_view a, std::string_view b) {
  return composed(a) == composed(b) ? "its Unicode form" : "case";
}

}  // namespace wfc
