// One posix_spawn, and the environment and PATH it needs.
#pragma once

#include "runtime/run/process.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace wfr {

struct SpawnFiles {
  int input = -1;
  int output = -1;  // for stdout and stderr
};

struct SpawnResult {
  pid_t pid = -1;
  int error = 0;  // errno; 0: it runs
};

// In a new process group, with no signal blocked or ignored. Every other descriptor is closed by
// its O_CLOEXEC. A file without `#!` is run by /bin/sh, as execvp does.
SpawnResult spawn_process(const std::string& program,
                          const std::vector<std::string>& argv,
                          const Environment& environment,
                          const std::string& directory,
                          const SpawnFiles& files);

// The executable file that `name` means under this PATH; "" when there is none.
std::string search_program(const std::string& name, const std::string& path);

std::optional<std::string> value_of(const Environment& environment, std::string_view name);
// `extra`, then what of `base` has no namesake in it.
Environment merge_environment(const Environment& extra, const Environment& base);

}  // namespace wfr
