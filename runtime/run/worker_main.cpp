// The worker's side: one kernel task after another, from a socket.
#include "runtime/files/safe_open.hpp"
#include "runtime/run/worker.hpp"
#include "runtime/run/worker_protocol.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wfr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kProgressPause = std::chrono::milliseconds(100);
constexpr std::uint64_t kBlock = 512;  // of ru_inblock and ru_oublock

// Peak memory of this process, which can be set back between tasks. rusage cannot: its maximum is
// that of the whole life, and of the process that spawned this one as well.
class PeakMemory {
 public:
  PeakMemory()
      : reset_(::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)),
        status_(::open("/proc/self/status", O_RDONLY | O_CLOEXEC)) {}
  ~PeakMemory() {
    if (reset_ >= 0) ::close(reset_);
    if (status_ >= 0) ::close(status_);
  }
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  void reset() const {
    // "5" sets VmHWM back; a kernel without it (or a container that forbids it) leaves the whole
    // life's peak, which is too high but never too low.
    if (reset_ >= 0 && ::pwrite(reset_, "5", 1, 0) != 1) return;
  }
  [[nodiscard]] std::uint64_t bytes() const {
    std::array<char, 4096> text{};
    const ssize_t n = status_ < 0 ? -1 : ::pread(status_, text.data(), text.size() - 1, 0);
    if (n <= 0) return 0;
    const std::string_view view(text.data(), static_cast<std::size_t>(n));
    const std::size_t at = view.find("VmHWM:");
    return at == std::string_view::npos ? 0
                                        : std::strtoull(text.data() + at + 6, nullptr, 10) * 1024;
  }

 private:
  int reset_;
  int status_;
};

std::uint64_t nanoseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_usec) * 1000;
}

struct Usage {
  std::uint64_t cpu_ns = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};

Usage usage_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
          static_cast<std::uint64_t>(usage.ru_inblock) * kBlock,
          static_cast<std::uint64_t>(usage.ru_oublock) * kBlock};
}

// Whether the scheduler has sent anything while a task runs (it can only be Cancel) or is gone.
bool is_cancelled(int fd) {
  char byte = 0;
  const ssize_t n = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

KernelHost host_on(int fd) {
  KernelHost host;
  // A kernel may report from several threads; a frame must not be cut by another.
  auto turn = std::make_shared<std::mutex>();
  host.warn = [fd, turn](const std::string& text) {
    const std::lock_guard<std::mutex> lock(*turn);
    send_all(fd, frame_bytes(FrameKind::Warning, text));
  };
  host.progress = [fd, turn, last = Clock::time_point{}](double fraction) mutable {
    const std::lock_guard<std::mutex> lock(*turn);
    const auto now = Clock::now();
    if (now - last < kProgressPause) return;
    last = now;
    std::string payload(sizeof(fraction), '\0');
    std::memcpy(payload.data(), &fraction, sizeof(fraction));
    send_all(fd, frame_bytes(FrameKind::Progress, payload));
  };
  host.cancelled = [fd] { return is_cancelled(fd); };
  return host;
}

void enter(const std::string& path) {
  if (path.empty()) return;
  const Descriptor directory = open_path(path, true);
  if (!directory || ::fchdir(directory.get()) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
}

WorkerResult execute(const WorkerTask& task, int fd, const PeakMemory& peak) {
  WorkerResult result;
  peak.reset();
  const Usage before = usage_now();
  const auto begin = Clock::now();
  try {
    enter(task.directory);
  } catch (const std::system_error& error) {
    result.message = "cannot enter " + task.directory + ": " + error.what();
    return result;
  }
  KernelOutcome outcome = run_kernel(task.call, host_on(fd));
  result.ok = outcome.ok;
  result.message = std::move(outcome.message);
  result.wall_ns = static_cast<std::uint64_t>((Clock::now() - begin) / std::chrono::nanoseconds(1));
  const Usage after = usage_now();
  result.cpu_ns = after.cpu_ns - before.cpu_ns;
  result.read_bytes = after.read_bytes - before.read_bytes;
  result.written_bytes = after.written_bytes - before.written_bytes;
  result.peak_memory = peak.bytes();
  return result;
}

// The next frame; nullopt at the end of the stream.
std::optional<Frame> next_frame(int fd, std::string& buffer) {
  std::array<char, 65536> part{};
  while (true) {
    if (auto frame = take_frame_from(buffer)) return frame;
    const ssize_t n = ::recv(fd, part.data(), part.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    buffer.append(part.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

int worker_main(int socket_fd) {
  // What ends a worker is its scheduler, by KILL or by going away: a signal to the whole job (Slurm
  // sends them to every process) is the scheduler's to answer.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) {
    ::signal(signal, SIG_IGN);  // NOLINT(cert-err33-c): cannot fail for these
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "wfr worker");
  ::fcntl(socket_fd, F_SETFD, FD_CLOEXEC);
  try {
    const PeakMemory peak;
    std::string buffer;
    while (const auto frame = next_frame(socket_fd, buffer)) {
      // A Cancel that has crossed with the result of its task.
      if (frame->kind != FrameKind::Task) continue;
      const WorkerResult result = execute(decode_task(frame->payload), socket_fd, peak);
      if (!send_all(socket_fd, frame_bytes(FrameKind::Result, encode_result(result)))) return 1;
    }
    return 0;
  } catch (const std::exception& error) {
    send_all(socket_fd, frame_bytes(FrameKind::Warning, error.what()));
    return 1;
  }
}

}  // namespace wfr
