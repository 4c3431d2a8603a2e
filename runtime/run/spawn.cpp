// clone() as posix_spawn has it: the kernel shares our memory with the child until it execs,
// however large we are. posix_spawn itself cannot give the child its own limit of descriptors.
#include "runtime/run/spawn.hpp"

#include "runtime/files/safe_open.hpp"
#include "runtime/run/descriptors.hpp"
#include "runtime/run/signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
// The sanitizer's own clone() takes the child for a fork, and forgets what the threads here have
// locked. This is the C library's.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);
#define clone __clone
#endif

namespace wfr {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  // execve takes char* for historical reasons and does not write.
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

// What the child needs; it shares our memory, and we sleep until it has done its exec.
struct Start {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  int directory = -1;  // -1: as it is
  SpawnOptions options;
  rlimit descriptors{};
  sigset_t ignored{};
  int error = 0;
};

// The child is not known to sanitizers, and must not touch what they know of us.
#define WFR_IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

WFR_IN_CHILD bool put_at(int fd, int place) {
  if (fd < 0) return true;
  if (fd == place) return fcntl(fd, F_SETFD, 0) == 0;
  return dup2(fd, place) >= 0;
}

WFR_IN_CHILD bool prepare_child(const Start& start) {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  // What is caught becomes plain by itself, what is ignored does not.
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&start.ignored, signal) == 0) sigaction(signal, &plain, nullptr);
  }
  constexpr int kThird = 3;
  if (setpgid(0, 0) != 0 || !put_at(start.options.input, STDIN_FILENO) ||
      !put_at(start.options.output, STDOUT_FILENO) ||
      !put_at(start.options.output, STDERR_FILENO) || !put_at(start.options.third, kThird)) {
    return false;
  }
  if (start.directory >= 0 && fchdir(start.directory) != 0) return false;
  setrlimit(RLIMIT_NOFILE, &start.descriptors);
  if (start.options.settings != nullptr) {
    const ShellSettings& settings = *start.options.settings;
    if (settings.mask) umask(*settings.mask);
    for (const auto& [number, limits] : settings.limits) {
      setrlimit(static_cast<__rlimit_resource_t>(number), &limits);
    }
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

WFR_IN_CHILD int run_child(void* given) {
  Start& start = *static_cast<Start*>(given);
  if (prepare_child(start)) execve(start.program, start.argv, start.environment);
  start.error = errno;
  _exit(127);
}

SpawnResult start_child(Start& start, int* pidfd) {
  constexpr std::size_t kStackBytes = 65536;
  alignas(16) std::array<char, kStackBytes> stack;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // No handler of ours may run in the child.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Older kernels do not know CLONE_PIDFD and leave the number as it is.
  int fd = -1;
  const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (pidfd != nullptr ? CLONE_PIDFD : 0);
  SpawnResult result;
  result.pid = clone(run_child, stack.data() + stack.size(), flags, &start, &fd);
  result.error = result.pid < 0 ? errno : start.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (result.pid > 0 && result.error != 0) {
    while (waitpid(result.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (fd >= 0) close(fd);
    fd = -1;
  }
  if (pidfd != nullptr) *pidfd = fd;
  return result;
}

bool is_program(const std::string& file) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(file.c_str(), X_OK) == 0;
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

}  // namespace

SpawnResult spawn_process(const std::string& program,
                          const std::vector<std::string>& argv,
                          const Environment& environment,
                          const std::string& directory,
                          const SpawnOptions& options,
                          int* pidfd) {
  // Ignored, as somebody may have left it to us, it would take the ends of all children away.
  static const auto waitable = std::signal(SIGCHLD, SIG_DFL);
  static_cast<void>(waitable);
  const std::vector<char*> words = pointers(argv);
  const std::vector<char*> variables = pointers(environment);
  Start start;
  start.program = program.c_str();
  start.argv = words.data();
  start.environment = variables.data();
  // By a descriptor: nobody exchanges it between the look and the start.
  Descriptor working_directory;
  if (!directory.empty()) {
    try {
      working_directory = open_path(directory, true);
    } catch (const UnsafePathError& error) {
      errno = error.code().value();
    }
    if (!working_directory) return {-1, errno};
  }
  start.directory = working_directory.get();
  start.options = options;
  start.descriptors = limit_of_commands();
  start.ignored = kept_ignored();
  const SpawnResult result = start_child(start, pidfd);
  if (result.error != ENOEXEC) return result;
  std::vector<std::string> shell{"/bin/sh", program};
  shell.insert(shell.end(), argv.begin() + 1, argv.end());
  const std::vector<char*> shell_words = pointers(shell);
  start.program = "/bin/sh";
  start.argv = shell_words.data();
  start.error = 0;
  return start_child(start, pidfd);
}

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

namespace {

// Reads what is there, up to `most` bytes. False at the end of the pipe.
bool read_some(int fd, std::size_t most, std::string& text) {
  std::array<char, 65536> buffer;
  for (std::size_t done = 0; done < most;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 && errno == EAGAIN;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    done += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Heard hear(pid_t pid, int fd, int seconds) {
  // More than a pipe can hold: it takes all that the process has written.
  constexpr std::size_t kMost = 1U << 20U;
  constexpr int kLookMs = 20;
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::seconds(seconds);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  Heard heard;
  bool open = true;
  while (true) {
    // Before it is read, so that its last words are heard.
    const bool ended = has_ended(pid);
    if (open) open = read_some(fd, kMost, heard.text);
    heard.killed = !ended && seconds > 0 && Clock::now() >= until;
    if (heard.killed) kill(-pid, SIGKILL);
    if (ended || heard.killed) break;
    pollfd waiting{open ? fd : -1, POLLIN, 0};
    poll(&waiting, 1, open ? kLookMs : 1);
  }
  while (waitpid(pid, &heard.status, 0) < 0 && errno == EINTR) {
  }
  return heard;
}

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM;
}

std::string search_program(const std::string& name, const std::string& path) {
  // With a slash it is relative to the working directory of the child: left to the kernel.
  if (name.find('/') != std::string::npos) return name;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    std::string file = path.substr(begin, end - begin);
    // An empty entry means the working directory, which would be the data's: never searched.
    if (!file.empty()) {
      file += '/';
      file += name;
      if (is_program(file)) return file;
    }
    begin = end + 1;
  }
  return {};
}

Environment inherited_environment() {
  Environment variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

std::optional<std::string> value_of(const Environment& environment, std::string_view name) {
  for (const std::string& variable : environment) {
    if (name_of(variable) == name) return variable.substr(name.size() + 1);
  }
  return std::nullopt;
}

Environment merge_environment(const Environment& extra, const Environment& base) {
  Environment merged = extra;
  merged.reserve(extra.size() + base.size());
  for (const std::string& variable : base) {
    const bool hidden = std::any_of(extra.begin(), extra.end(), [&](const std::string& other) {
      return name_of(other) == name_of(variable);
    });
    if (!hidden) merged.push_back(variable);
  }
  return merged;
}

}  // namespace wfr
