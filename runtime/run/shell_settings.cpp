// Reads `umask`, and the table that Linux keeps of the limits of a process.
#include "runtime/run/shell_settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace wfr {
namespace {

rlim_t limit_in(const std::string& word) {
  return word == "unlimited" ? RLIM_INFINITY : std::strtoull(word.c_str(), nullptr, 10);
}

// "Max open files            1024                 4096                 files     ".
rlimit limits_in(const std::string& line) {
  constexpr std::size_t kNameWidth = 26;
  std::istringstream words(line.substr(std::min(kNameWidth, line.size())));
  std::string soft;
  std::string hard;
  words >> soft >> hard;
  return {limit_in(soft), limit_in(hard)};
}

}  // namespace

std::string settings_function() {
  return "wfc_settings() { builtin umask; builtin printf '%s\\n' \"$(</proc/self/limits)\"; }\n";
}

ShellSettings changed_settings(const std::string& before, const std::string& after) {
  ShellSettings settings;
  std::istringstream old_lines(before);
  std::istringstream lines(after);
  std::string old_line;
  std::string line;
  // The mask, a line of titles, then the limits in the order of their numbers.
  for (int number = -2; std::getline(old_lines, old_line) && std::getline(lines, line); ++number) {
    if (line == old_line) continue;
    if (number == -2) settings.mask = static_cast<mode_t>(std::strtoul(line.c_str(), nullptr, 8));
    if (number >= 0) settings.limits.emplace_back(number, limits_in(line));
  }
  return settings;
}

}  // namespace wfr
