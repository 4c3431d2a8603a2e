// The seam to the operating system's processes. One object, one thread; wake() alone is for any
// thread.
#pragma once

#include "runtime/run/shell_settings.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

using ProcessId = std::uint64_t;               // given once, unlike a pid
using Environment = std::vector<std::string>;  // NAME=value

struct ProcessRequest {
  std::vector<std::string> argv;             // argv[0] is looked up in the request's own PATH
  const Environment* environment = nullptr;  // must live until start() returns
  Environment extra;                         // wins over `environment`
  ShellSettings settings;                    // of its environment
  std::string directory;                     // working directory
  std::uint64_t memory_limit = 0;            // bytes of the whole group; 0: none
  std::int64_t timeout_ns = 0;               // 0: none
  std::function<void(std::string_view)> on_output;  // stdout and stderr as they come
};

enum class Stopped : std::uint8_t { No, Timeout, Memory, Asked };

struct ProcessEnd {
  ProcessId id = 0;
  int status = 0;  // as of wait()
  Stopped stopped = Stopped::No;
  bool oom_killed = false;  // ended by SIGKILL, while the kernel killed for memory in its cgroup
  std::uint64_t wall_ns = 0;
  std::uint64_t cpu_ns = 0;
  std::uint64_t peak_memory = 0;  // bytes
  std::uint64_t read_bytes = 0;   // from and to block devices
  std::uint64_t written_bytes = 0;
  std::string tail;  // the last of its output, at most 4 KiB
};

struct Woken {
  std::vector<ProcessEnd> ended;
  std::vector<int> readable;  // watched descriptors
};

class Processes {
 public:
  Processes() = default;
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  virtual ~Processes() = default;

  // Throws std::system_error when the program cannot be started. Where descriptors, processes or
  // memory are short it is started later, when another one has ended.
  virtual ProcessId start(const ProcessRequest& request) = 0;
  // Waits at most `timeout_ms` (< 0: for ever) for an end, a readable descriptor or a wake().
  virtual Woken wait(int timeout_ms) = 0;
  // `signal` to the whole group; SIGKILL after `grace_ns` unless it has ended by then.
  virtual void stop(ProcessId id, int signal, std::int64_t grace_ns) = 0;
  // A signal that is only passed on.
  virtual void signal(ProcessId id, int signal) = 0;
  virtual void watch(int fd) = 0;
  virtual void unwatch(int fd) = 0;
  virtual void wake() = 0;
};

}  // namespace wfr
