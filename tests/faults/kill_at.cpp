// Runs a command and kills it, with all that it has started, before its Nth effect on the outside.
//
//   kill_at [--alone] [--sockets] N LOG COMMAND...
//
// An effect is: a program is started; a program ends; a file is made, emptied, written, renamed,
// linked or removed; a directory is made or removed; with --sockets, something is sent. Both sides
// of each effect are thus visited: "after the Nth" is "before the one that follows". Nothing is
// ever half done: the kernel has not begun the effect when the process dies. Every process that
// descends from the command is watched (ptrace, stopped by a seccomp filter at just these system
// calls), so the points are exact, whatever the program.
//   N = 0      nothing is killed: counts
//   --alone    only the command itself and its forks die; the programs that they have started live
//   on
// LOG gets one line for each effect. The exit status is the command's; 137 when it was killed.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kKilled = 128 + SIGKILL;

// Where a watched system call has what makes it an effect.
enum class Look { Always, Exec, Path0, Path1, Write, Send };
struct Watched {
  long number;
  const char* name;
  Look look;
};

constexpr std::array kWatched = {
#ifdef SYS_open
    Watched{SYS_open, "open", Look::Path0},
    Watched{SYS_creat, "create", Look::Always},
    Watched{SYS_mkdir, "mkdir", Look::Always},
    Watched{SYS_rmdir, "rmdir", Look::Always},
    Watched{SYS_unlink, "unlink", Look::Always},
    Watched{SYS_rename, "rename", Look::Always},
    Watched{SYS_link, "link", Look::Always},
    Watched{SYS_symlink, "symlink", Look::Always},
#endif
    Watched{SYS_execve, "start", Look::Exec},
    Watched{SYS_openat, "open", Look::Path1},
    Watched{SYS_mkdirat, "mkdir", Look::Always},
    Watched{SYS_unlinkat, "unlink", Look::Always},
    Watched{SYS_renameat, "rename", Look::Always},
    Watched{SYS_renameat2, "rename", Look::Always},
    Watched{SYS_linkat, "link", Look::Always},
    Watched{SYS_symlinkat, "symlink", Look::Always},
    Watched{SYS_ftruncate, "truncate", Look::Always},
    Watched{SYS_write, "write", Look::Write},
    Watched{SYS_writev, "write", Look::Write},
    Watched{SYS_pwrite64, "write", Look::Write},
    Watched{SYS_pwritev, "write", Look::Write},
    Watched{SYS_sendto, "send", Look::Send},
    Watched{SYS_sendmsg, "send", Look::Send},
};

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "kill_at: %s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

void install_filter() {
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offsetof(seccomp_data, nr)))};
  for (const Watched& call : kWatched) {
    code.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call.number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    die("seccomp");
  }
}

std::string text_at(pid_t pid, std::uint64_t address) {
  std::array<char, 512> buffer{};
  const iovec local{buffer.data(), buffer.size() - 1};
  // Up to the end of a page: the next one may not be there.
  const std::uint64_t most = 4096 - address % 4096;
  const iovec remote{reinterpret_cast<void*>(address),  // NOLINT: an address of another process
                     std::min<std::uint64_t>(most, buffer.size() - 1)};
  if (process_vm_readv(pid, &local, 1, &remote, 1, 0) <= 0) return {};
  return buffer.data();
}

std::string target_of(pid_t pid, std::uint64_t fd) {
  std::array<char, 512> buffer{};
  const std::string link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  return readlink(link.c_str(), buffer.data(), buffer.size() - 1) > 0 ? buffer.data() : "";
}

bool starts_with(std::string_view text, std::string_view head) {
  return text.substr(0, head.size()) == head;
}

// /dev/null and the like keep nothing; /dev/shm is a disk.
bool is_device(std::string_view path) {
  return starts_with(path, "/dev/") && !starts_with(path, "/dev/shm/");
}

class Killer {
 public:
  Killer(long point, bool alone, bool sockets, std::FILE* log)
      : point_(point), alone_(alone), sockets_(sockets), log_(log) {}

  int run(char** command);

 private:
  // What is known of a process: the program it has started by itself; none for a fork.
  struct Process {
    std::string program;
  };

  void start(char** command);
  void handle(pid_t pid, int status);
  void at_call(pid_t pid);
  void effect(const std::string& what);
  void kill_them();
  [[nodiscard]] bool is_doomed(pid_t pid) const;

  long point_;
  bool alone_;
  bool sockets_;
  std::FILE* log_;
  long count_ = 0;
  bool killed_ = false;
  pid_t root_ = 0;
  int root_status_ = 0;
  std::map<pid_t, Process> processes_;
};

void Killer::start(char** command) {
  std::array<int, 2> gate{};
  if (pipe(gate.data()) != 0) die("pipe");
  root_ = fork();
  if (root_ < 0) die("fork");
  if (root_ == 0) {
    close(gate[1]);
    char go = 0;
    if (read(gate[0], &go, 1) != 1) _exit(2);
    close(gate[0]);
    install_filter();
    execvp(command[0], command);
    die(command[0]);
  }
  close(gate[0]);
  constexpr long kOptions = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP |
                            PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, root_, nullptr, kOptions) != 0) die("ptrace");
  processes_[root_] = {};
  if (write(gate[1], "g", 1) != 1) die("write");
  close(gate[1]);
}

bool Killer::is_doomed(pid_t pid) const {
  const auto known = processes_.find(pid);
  return !alone_ || pid == root_ || known == processes_.end() || known->second.program.empty();
}

void Killer::kill_them() {
  killed_ = true;
  for (const auto& [pid, process] : processes_) {
    if (is_doomed(pid)) kill(pid, SIGKILL);
  }
}

void Killer::effect(const std::string& what) {
  if (killed_) return;
  ++count_;
  std::fprintf(log_, "%ld %s\n", count_, what.c_str());
  if (count_ == point_) kill_them();
}

void Killer::at_call(pid_t pid) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
  if (info.op != PTRACE_SYSCALL_INFO_SECCOMP) return;
  const auto* call = std::find_if(kWatched.begin(), kWatched.end(), [&](const Watched& one) {
    return static_cast<std::uint64_t>(one.number) == info.seccomp.nr;
  });
  if (call == kWatched.end()) return;
  const auto& words = info.seccomp.args;
  std::string on;
  if (call->look == Look::Path0 || call->look == Look::Path1) {
    const std::size_t place = call->look == Look::Path0 ? 0 : 1;
    if ((words[place + 1] & (O_CREAT | O_TRUNC)) == 0) return;
    on = text_at(pid, words[place]);
    if (is_device(on)) return;
  } else if (call->look == Look::Write || call->look == Look::Send) {
    on = target_of(pid, words[0]);
    const bool file = starts_with(on, "/") && !is_device(on);
    if (!file && !(sockets_ && starts_with(on, "socket:"))) return;
  } else if (call->look == Look::Exec) {
    on = text_at(pid, words[0]);
  }
  effect(std::string(call->name) + " " + on);
}

void Killer::handle(pid_t pid, int status) {
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  // A process that was forked while the others were killed.
  if (killed_ && processes_.count(pid) == 0 && !alone_) kill(pid, SIGKILL);
  processes_.try_emplace(pid);
  int pass = 0;
  if (event == PTRACE_EVENT_SECCOMP) {
    at_call(pid);
  } else if (event == PTRACE_EVENT_EXEC) {
    std::array<char, 512> path{};
    const std::string link = "/proc/" + std::to_string(pid) + "/exe";
    if (readlink(link.c_str(), path.data(), path.size() - 1) <= 0) path[0] = '?';
    processes_[pid].program = path.data();
  } else if (event == PTRACE_EVENT_EXIT) {
    if (!processes_[pid].program.empty() && pid != root_) {
      effect("end " + processes_[pid].program);
    }
  } else if (event == 0 && signal != SIGTRAP) {
    pass = signal;
  }
  ptrace(PTRACE_CONT, pid, nullptr, pass);
}

int Killer::run(char** command) {
  start(command);
  while (true) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) break;
    if (WIFSTOPPED(status)) {
      handle(pid, status);
      continue;
    }
    processes_.erase(pid);
    if (pid == root_) root_status_ = status;
  }
  if (killed_) return kKilled;
  return WIFEXITED(root_status_) ? WEXITSTATUS(root_status_) : 128 + WTERMSIG(root_status_);
}

}  // namespace

int main(int argc, char** argv) {
  bool alone = false;
  bool sockets = false;
  int word = 1;
  for (; word < argc && argv[word][0] == '-'; ++word) {
    alone = alone || std::strcmp(argv[word], "--alone") == 0;
    sockets = sockets || std::strcmp(argv[word], "--sockets") == 0;
  }
  if (argc - word < 3) {
    std::fputs("usage: kill_at [--alone] [--sockets] N LOG COMMAND...\n", stderr);
    return 2;
  }
  std::FILE* log = std::fopen(argv[word + 1], "we");
  if (log == nullptr) die(argv[word + 1]);
  const int status =
      Killer(std::strtol(argv[word], nullptr, 10), alone, sockets, log).run(argv + word + 2);
  std::fclose(log);
  return status;
}
