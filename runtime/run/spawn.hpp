// One process started, and the environment and PATH it needs.
#pragma once

#include "runtime/run/process.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace wfr {

struct SpawnOptions {
  int input = -1;                           // -1: that of this process
  int output = -1;                          // for stdout and stderr; -1: those of this process
  int third = -1;                           // becomes descriptor 3; -1: none
  const ShellSettings* settings = nullptr;  // null: those of this process
};

struct SpawnResult {
  pid_t pid = -1;
  int error = 0;  // errno; 0: it runs
};

// In a new process group, with no signal blocked, none ignored but what was ignored when this
// process began (kept_ignored() in signals.hpp), and the limit of descriptors of that time. Every
// other descriptor is closed by its O_CLOEXEC. A file without `#!` is run by /bin/sh, as execvp
// does. `pidfd`: gets one of the process; stays -1 where the kernel has none (before 5.2).
SpawnResult spawn_process(const std::string& program,
                          const std::vector<std::string>& argv,
                          const Environment& environment,
                          const std::string& directory,
                          const SpawnOptions& options,
                          int* pidfd = nullptr);

// Whether it is only waited for. It can still be.
bool has_ended(pid_t pid);

struct Heard {
  std::string text;
  int status = 0;  // as of wait()
  bool killed = false;
};
// What a process writes into the pipe with the read end `fd`, until it ends: what it leaves in the
// background may keep the pipe open, and is left alone. After `seconds` (0: never) it is killed,
// with its group. Waits for it; `fd` stays open.
Heard hear(pid_t pid, int fd, int seconds);

// Whether a start has failed for want of descriptors, processes or memory: later it may do.
bool is_shortage(int error);

// The executable file that `name` means under this PATH; "" when there is none.
std::string search_program(const std::string& name, const std::string& path);

// The variables that this process was given.
Environment inherited_environment();
std::optional<std::string> value_of(const Environment& environment, std::string_view name);
// `extra`, then what of `base` has no namesake in it.
Environment merge_environment(const Environment& extra, const Environment& base);

}  // namespace wfr
