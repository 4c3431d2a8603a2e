// The umask and the limits that `setup` has set in its shell, for the commands.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

namespace wfr {

// What differs from that of this process, which its children have without it.
struct ShellSettings {
  std::optional<mode_t> mask;
  std::vector<std::pair<int, rlimit>> limits;  // RLIMIT_CPU and so on
};

// Bash source of a function `wfc_settings`, which prints the settings of its shell.
std::string settings_function();
// What has changed between two outputs of it.
ShellSettings changed_settings(const std::string& before, const std::string& after);

}  // namespace wfr
