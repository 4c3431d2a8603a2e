// The scheduler's side of a kernel worker: spawn, send, receive, reap.
#include "runtime/run/worker.hpp"

#include "runtime/run/spawn.hpp"
#include "runtime/run/worker_protocol.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

std::uint64_t nanoseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_usec) * 1000;
}

}  // namespace

KernelWorker::KernelWorker(KernelWorker&& other) noexcept {
  *this = std::move(other);
}

KernelWorker& KernelWorker::operator=(KernelWorker&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(fd_, other.fd_);
  std::swap(busy_, other.busy_);
  std::swap(progress_, other.progress_);
  std::swap(buffer_, other.buffer_);
  std::swap(log_, other.log_);
  return *this;
}

KernelWorker::~KernelWorker() {
  kill();
}

void KernelWorker::start(int output_fd) {
  kill();
  const std::string program = wfr_executable().string();
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  const SpawnOptions files{-1, output_fd, sockets[1]};
  const SpawnResult spawned =
      spawn_process(program, {program, "worker"}, inherited_environment(), "", files);
  ::close(sockets[1]);
  if (spawned.error != 0) {
    ::close(sockets[0]);
    throw std::system_error(spawned.error, std::generic_category(), program);
  }
  pid_ = spawned.pid;
  fd_ = sockets[0];
  busy_ = false;
  buffer_.clear();
}

void KernelWorker::send(const WorkerTask& task) {
  busy_ = true;
  progress_ = 0;
  log_.clear();
  // When it fails the worker has died: receive() finds the end of the stream and says so.
  send_all(fd_, frame_bytes(FrameKind::Task, encode_task(task)));
}

std::optional<WorkerResult> KernelWorker::take_frame() {
  while (auto frame = take_frame_from(buffer_)) {
    switch (frame->kind) {
      case FrameKind::Progress:
        if (frame->payload.size() == sizeof(progress_)) {
          std::memcpy(&progress_, frame->payload.data(), sizeof(progress_));
        }
        break;
      case FrameKind::Warning:
        log_ += frame->payload + "\n";
        break;
      case FrameKind::Result: {
        WorkerResult result = decode_result(frame->payload);
        result.log = std::exchange(log_, {});
        busy_ = false;
        return result;
      }
      default:
        throw KernelError("the kernel worker has sent an unknown message");
    }
  }
  return std::nullopt;
}

std::optional<WorkerResult> KernelWorker::receive() {
  if (fd_ < 0) return std::nullopt;
  std::array<char, 65536> part{};
  while (true) {
    if (auto result = take_frame()) return result;
    const ssize_t n = ::recv(fd_, part.data(), part.size(), MSG_DONTWAIT);
    if (n > 0) {
      buffer_.append(part.data(), static_cast<std::size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
    return reap();
  }
}

WorkerResult KernelWorker::wait() {
  while (true) {
    if (auto result = receive()) return *result;
    pollfd entry{fd_, POLLIN, 0};
    ::poll(&entry, 1, -1);
  }
}

WorkerResult KernelWorker::reap() {
  WorkerResult result;
  result.died = true;
  result.log = std::exchange(log_, {});
  int status = 0;
  rusage usage{};
  pid_t waited = 0;
  do {
    waited = ::wait4(pid_, &status, 0, &usage);
  } while (waited < 0 && errno == EINTR);
  if (waited == pid_ && WIFSIGNALED(status)) {
    result.status = WTERMSIG(status);
    result.message = std::string("the kernel's process was killed by signal ") +
                     std::to_string(result.status) + " (" + ::strsignal(result.status) + ")";
  } else {
    result.status = waited == pid_ ? -WEXITSTATUS(status) : 0;
    result.message =
        "the kernel's process ended with exit status " + std::to_string(-result.status);
  }
  result.cpu_ns = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
  result.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  ::close(fd_);
  fd_ = -1;
  pid_ = -1;
  busy_ = false;
  return result;
}

void KernelWorker::cancel() const {
  if (fd_ >= 0) send_all(fd_, frame_bytes(FrameKind::Cancel, {}));
}

void KernelWorker::kill() {
  if (pid_ <= 0) return;
  // Its whole group: a library may have started helpers.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  reap();
}

}  // namespace wfr
