// Kernel tasks in a process of their own (`wfr worker`): a crash or a leak in a library harms one
// task, and the memory of a task can be told from that of its siblings.
#pragma once

#include "runtime/run/kernel_library.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace wfr {

struct WorkerTask {
  KernelCall call;
  std::string directory;  // absolute: the working directory of the call; "" leaves it as it is
};

struct WorkerResult {
  bool ok = false;
  bool died = false;        // the worker has ended without an answer: `status` says how
  bool oom_killed = false;  // died by SIGKILL, while the kernel killed for memory in its cgroup
  std::int32_t status = 0;  // died: its signal number (positive), or its exit status negated
  std::string message;      // the kernel's reason, or how the worker ended
  std::string log;          // the kernel's warnings, a line each
  std::uint64_t wall_ns = 0;
  std::uint64_t cpu_ns = 0;
  std::uint64_t peak_memory = 0;  // bytes resident, the worker's own included
  std::uint64_t read_bytes = 0;   // from and to block devices
  std::uint64_t written_bytes = 0;
};

// The scheduler's side. One task at a time; the process stays for the next one. Movable, not for
// several threads.
//
//   worker.start();                       // once, or after it died or was killed
//   worker.send(task);                    // then poll worker.fd() for input
//   if (auto result = worker.receive())   // does not block; nullopt: not finished
//
// start() must be called by a thread that lives as long as the worker is wanted: the kernel ends
// the worker with it, so that no worker survives a killed scheduler.
class KernelWorker {
 public:
  KernelWorker() = default;
  KernelWorker(KernelWorker&& other) noexcept;
  KernelWorker& operator=(KernelWorker&& other) noexcept;
  KernelWorker(const KernelWorker&) = delete;
  KernelWorker& operator=(const KernelWorker&) = delete;
  ~KernelWorker();  // kills it

  // Spawns `wfr worker`. Its stdout and stderr go to `output_fd` (< 0: those of this process).
  // Throws std::system_error or KernelError.
  void start(int output_fd = -1);
  [[nodiscard]] bool running() const { return pid_ > 0; }
  [[nodiscard]] bool busy() const { return busy_; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  // A worker that has died meanwhile is reported by receive(), not here.
  void send(const WorkerTask& task);
  // Takes what has arrived. After a result with `died` set the worker is gone: running() is false.
  std::optional<WorkerResult> receive();
  // Blocks until the result is there.
  WorkerResult wait();
  // Done fraction of the current task, as last reported.
  [[nodiscard]] double progress() const { return progress_; }
  // Asks the kernel to stop soon; it then answers with a failure. The worker stays.
  void cancel() const;
  // SIGKILL, and reaps it. A task in flight gets no result.
  void kill();

 private:
  WorkerResult reap();
  std::optional<WorkerResult> take_frame();

  pid_t pid_ = -1;
  int fd_ = -1;
  bool busy_ = false;
  double progress_ = 0;
  std::string buffer_;  // bytes received, frames not yet whole
  std::string log_;
};

// The worker's side: answers tasks from the socket until it closes. `wfr worker`'s whole life.
// Returns the exit status.
int worker_main(int socket_fd);
// The descriptor at which a spawned worker finds its socket.
inline constexpr int kWorkerSocket = 3;

}  // namespace wfr
