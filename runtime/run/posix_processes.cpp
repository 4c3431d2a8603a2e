// Starting, watching, stopping and reaping of process groups.
#include "runtime/run/posix_processes.hpp"

#include "runtime/run/descriptors.hpp"
#include "runtime/run/memory.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::size_t kTailBytes = 4096;
constexpr std::int64_t kMemoryPollNs = 500'000'000;
constexpr std::int64_t kStopGraceNs = 5'000'000'000;
// What was short is asked for again when a process has ended, and so often besides: others use it
// up too. With none of our own at work only for a while.
constexpr std::int64_t kLaunchEveryNs = 500'000'000;
constexpr std::int64_t kPatienceNs = 60'000'000'000;
// Descriptors for all else than commands: files of outputs, records, logs.
constexpr int kKeptFree = 64;
constexpr int kCannotStart = 126;  // as a shell says it

// What an epoll event is about, in its 64 bits: a kind and a process id.
enum class Source : std::uint64_t { Wake, Watched, Exit, Output };
std::uint64_t pack(Source source, ProcessId id) {
  return (static_cast<std::uint64_t>(source) << 60U) | id;
}
Source source_of(std::uint64_t data) {
  return static_cast<Source>(data >> 60U);
}
ProcessId id_of(std::uint64_t data) {
  return data & ((1ULL << 60U) - 1);
}

std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

bool add_event(int epoll, int fd, std::uint64_t data) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = data;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

// A new descriptor has the lowest number that is free.
bool is_crowded(int fd) {
  const int limit = descriptor_limit();
  return fd >= limit - std::min(kKeptFree, limit / 4);
}

// By SIGKILL, or as bash says it of a command of its own.
bool was_killed(int status) {
  constexpr int kShellSignalBase = 128;
  return WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL
                             : WEXITSTATUS(status) == kShellSignalBase + SIGKILL;
}

std::uint64_t to_ns(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_usec) * 1000U;
}

}  // namespace

std::int64_t monotonic_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}
std::int64_t wall_clock_ns() {
  return clock_ns(CLOCK_REALTIME);
}

PosixProcesses::PosixProcesses(const std::vector<int>& held) : guardian_(held) {
  // What our caller has left open is not for the commands.
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  null_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot open `/dev/null`");
  }
  if (epoll_ < 0 || wake_ < 0 || !add_event(epoll_, wake_, pack(Source::Wake, 0))) {
    throw std::system_error(errno, std::generic_category(), "cannot watch processes");
  }
}

PosixProcesses::~PosixProcesses() {
  for (auto& [id, child] : children_) {
    kill(-child.pid, SIGKILL);
    while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (child.pidfd >= 0) close(child.pidfd);
    if (child.output >= 0) close(child.output);
  }
  close(null_);
  close(wake_);
  close(epoll_);
}

const std::string& PosixProcesses::find_program(const std::string& name, const std::string& path) {
  std::string& found = programs_[{name, path}];
  if (found.empty()) found = search_program(name, path);
  return found;
}

ProcessId PosixProcesses::start(const ProcessRequest& request) {
  Waiting one;
  one.request = request;
  one.request.extra = merge_environment(request.extra, *request.environment);
  one.request.environment = nullptr;
  one.program = find_program(request.argv.at(0),
                             value_of(one.request.extra, "PATH").value_or("/usr/bin:/bin"));
  if (one.program.empty()) {
    throw std::system_error(ENOENT, std::generic_category(), request.argv[0]);
  }
  one.id = next_id_++;
  one.since_ns = monotonic_ns();
  const ProcessId id = one.id;
  // None overtakes what waits already.
  const int error = waiting_.empty() ? launch(one) : EAGAIN;
  if (error == 0) return id;
  if (!is_shortage(error)) {
    throw std::system_error(error, std::generic_category(), request.argv[0]);
  }
  if (waiting_.empty()) next_launch_ns_ = one.since_ns + kLaunchEveryNs;
  waiting_.push_back(std::move(one));
  return id;
}

int PosixProcesses::launch(const Waiting& what) {
  const ProcessRequest& request = what.request;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  if (is_crowded(ends[1]) && !children_.empty()) {
    close(ends[0]);
    close(ends[1]);
    return EMFILE;
  }
  Child child;
  child.started_ns = monotonic_ns();
  const SpawnOptions options{null_, ends[1], -1, &request.settings};
  guardian_.expect(ends[1]);
  const SpawnResult spawned = spawn_process(
      what.program, request.argv, request.extra, request.directory, options, &child.pidfd);
  close(ends[1]);
  if (spawned.error != 0) {
    guardian_.expect(-1);
    close(ends[0]);
    return spawned.error;
  }
  guardian_.add(spawned.pid);
  guardian_.expect(-1);
  child.pid = spawned.pid;
  child.output = ends[0];
  fcntl(child.output, F_SETFL, O_NONBLOCK);
  child.memory_limit = request.memory_limit;
  child.on_output = request.on_output;
  if (request.timeout_ns > 0) {
    child.timeout_at_ns = child.started_ns + request.timeout_ns;
    ++timed_;
  }
  if (children_.empty()) next_memory_poll_ns_ = child.started_ns + kMemoryPollNs;
  watch_child(what.id, children_.emplace(what.id, std::move(child)).first->second);
  return 0;
}

// It runs, whatever goes wrong here: then it is looked at often instead.
void PosixProcesses::watch_child(ProcessId id, Child& child) const {
  child.polled = child.pidfd < 0 || !add_event(epoll_, child.pidfd, pack(Source::Exit, id)) ||
                 !add_event(epoll_, child.output, pack(Source::Output, id));
}

// In their order, as long as there is room.
void PosixProcesses::launch_waiting(std::int64_t now_ns) {
  next_launch_ns_ = now_ns + kLaunchEveryNs;
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    const int error = launch(first);
    const bool in_vain = children_.empty() && now_ns - first.since_ns > kPatienceNs;
    if (error != 0 && is_shortage(error) && !in_vain) return;
    if (error != 0) {
      ProcessEnd end;
      end.id = first.id;
      end.status = W_EXITCODE(kCannotStart, 0);
      end.tail = first.request.argv[0] + ": cannot be started: " + std::strerror(error) + "\n";
      never_begun_.push_back(std::move(end));
    }
    waiting_.pop_front();
  }
}

void PosixProcesses::read_output(Child& child) {
  std::array<char, 65536> buffer;
  while (child.output >= 0) {
    const ssize_t got = read(child.output, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;  // EAGAIN: no more for now
    if (got == 0) {
      close(child.output);
      child.output = -1;
      return;
    }
    const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    if (child.on_output) child.on_output(text);
    child.tail += text.substr(text.size() - std::min(text.size(), kTailBytes));
    if (child.tail.size() > kTailBytes) child.tail.erase(0, child.tail.size() - kTailBytes);
    // A talkative process may not keep the others from being looked at.
    if (text.size() < buffer.size()) return;
  }
}

ProcessEnd PosixProcesses::reap(ProcessId id, Child& child) {
  // The leader is still a zombie, so its group's number cannot have been given to another.
  kill(-child.pid, SIGKILL);
  ProcessEnd end;
  rusage usage{};
  while (wait4(child.pid, &end.status, 0, &usage) < 0 && errno == EINTR) {
  }
  guardian_.remove(child.pid);
  read_output(child);
  if (child.output >= 0) close(child.output);
  if (child.pidfd >= 0) close(child.pidfd);
  end.id = id;
  end.stopped = child.stopped;
  const std::int64_t now_ns = monotonic_ns();
  end.oom_killed = was_killed(end.status) && oom_kills_.since(child.started_ns, now_ns);
  end.wall_ns = static_cast<std::uint64_t>(now_ns - child.started_ns);
  end.cpu_ns = to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
  end.peak_memory = std::max(child.peak_memory, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
  end.read_bytes = static_cast<std::uint64_t>(usage.ru_inblock) * 512;
  end.written_bytes = static_cast<std::uint64_t>(usage.ru_oublock) * 512;
  end.tail = std::move(child.tail);
  return end;
}

int PosixProcesses::wait_ms(int timeout_ms, std::int64_t now_ns) const {
  if (!never_begun_.empty()) return 0;
  if (timeout_ms == 0 || (children_.empty() && waiting_.empty())) return timeout_ms;
  std::int64_t until = children_.empty() ? next_launch_ns_ : next_memory_poll_ns_;
  if (!waiting_.empty()) until = std::min(until, next_launch_ns_);
  constexpr std::int64_t kPollNs = 20'000'000;
  const bool polled = std::any_of(
      children_.begin(), children_.end(), [](const auto& entry) { return entry.second.polled; });
  if (polled) until = std::min(until, now_ns + kPollNs);
  if (timed_ > 0) {
    for (const auto& [id, child] : children_) {
      for (const std::int64_t at : {child.timeout_at_ns, child.kill_at_ns}) {
        if (at > 0) until = std::min(until, at);
      }
    }
  }
  const std::int64_t own = std::max<std::int64_t>(0, (until - now_ns + 999'999) / 1'000'000);
  return static_cast<int>(timeout_ms < 0 ? own : std::min<std::int64_t>(own, timeout_ms));
}

Woken PosixProcesses::wait(int timeout_ms) {
  std::array<epoll_event, 64> events{};
  const int count =
      epoll_wait(epoll_, events.data(), events.size(), wait_ms(timeout_ms, monotonic_ns()));
  Woken woken;
  woken.ended = std::exchange(never_begun_, {});
  for (int i = 0; i < count; ++i) {
    const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
    if (source_of(data) == Source::Wake) {
      std::uint64_t ignored = 0;
      if (read(wake_, &ignored, sizeof ignored) < 0) continue;  // another read has emptied it
    }
    if (source_of(data) == Source::Watched) woken.readable.push_back(static_cast<int>(id_of(data)));
    if (source_of(data) != Source::Output && source_of(data) != Source::Exit) continue;
    const auto place = children_.find(id_of(data));
    if (place == children_.end()) continue;  // its exit came first in this batch
    if (source_of(data) == Source::Output) {
      read_output(place->second);
      continue;
    }
    end_child(place->first, woken);
  }
  look_at_polled(woken);
  const std::int64_t now = monotonic_ns();
  if (!waiting_.empty() && (!woken.ended.empty() || now >= next_launch_ns_)) launch_waiting(now);
  if (timed_ > 0) enforce(now);
  if (now >= next_memory_poll_ns_) poll_memory(now);
  return woken;
}

void PosixProcesses::end_child(ProcessId id, Woken& woken) {
  const auto place = children_.find(id);
  woken.ended.push_back(reap(id, place->second));
  if (place->second.timeout_at_ns > 0 || place->second.kill_at_ns > 0) --timed_;
  children_.erase(place);
}

void PosixProcesses::look_at_polled(Woken& woken) {
  std::vector<ProcessId> ended;
  for (auto& [id, child] : children_) {
    if (!child.polled) continue;
    read_output(child);
    if (has_ended(child.pid)) ended.push_back(id);
  }
  for (const ProcessId id : ended) end_child(id, woken);
}

void PosixProcesses::enforce(std::int64_t now_ns) {
  for (auto& [id, child] : children_) {
    if (child.kill_at_ns > 0 && now_ns >= child.kill_at_ns) {
      kill(-child.pid, SIGKILL);
      child.kill_at_ns = now_ns + kStopGraceNs;  // again, should it be asleep in the kernel
    } else if (child.timeout_at_ns > 0 && now_ns >= child.timeout_at_ns &&
               child.stopped == Stopped::No) {
      child.stopped = Stopped::Timeout;
      child.kill_at_ns = now_ns + kStopGraceNs;
      kill(-child.pid, SIGTERM);
    }
  }
}

void PosixProcesses::poll_memory(std::int64_t now_ns) {
  next_memory_poll_ns_ = now_ns + kMemoryPollNs;
  std::vector<pid_t> groups;
  for (const auto& [id, child] : children_) {
    if (now_ns - child.started_ns >= kMemoryPollNs) groups.push_back(child.pid);
  }
  if (groups.empty()) return;
  const std::unordered_map<pid_t, GroupMemory> used = group_memory(groups);
  for (auto& [id, child] : children_) {
    const auto place = used.find(child.pid);
    if (place == used.end()) continue;
    child.peak_memory = std::max(child.peak_memory, place->second.resident);
    if (child.memory_limit > 0 && place->second.own > child.memory_limit &&
        child.stopped == Stopped::No) {
      child.stopped = Stopped::Memory;
      kill(-child.pid, SIGKILL);
    }
  }
}

void PosixProcesses::stop(ProcessId id, int signal, std::int64_t grace_ns) {
  const auto waiting = std::find_if(
      waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.id == id; });
  if (waiting != waiting_.end()) {
    waiting_.erase(waiting);
    ProcessEnd end;
    end.id = id;
    end.status = W_EXITCODE(0, signal);
    end.stopped = Stopped::Asked;
    never_begun_.push_back(std::move(end));
  }
  const auto place = children_.find(id);
  if (place == children_.end()) return;
  Child& child = place->second;
  if (child.stopped == Stopped::No) child.stopped = Stopped::Asked;
  if (child.timeout_at_ns == 0 && child.kill_at_ns == 0) ++timed_;
  child.kill_at_ns = monotonic_ns() + grace_ns;
  kill(-child.pid, signal);
}

void PosixProcesses::signal(ProcessId id, int signal) {
  const auto place = children_.find(id);
  if (place != children_.end()) kill(-place->second.pid, signal);
}

void PosixProcesses::watch(int fd) {
  if (!add_event(epoll_, fd, pack(Source::Watched, static_cast<ProcessId>(fd)))) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}
void PosixProcesses::unwatch(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void PosixProcesses::wake() {
  const std::uint64_t one = 1;
  // It fails only when it is full, and then the waiter wakes up anyway.
  if (write(wake_, &one, sizeof one) < 0) return;
}

}  // namespace wfr
