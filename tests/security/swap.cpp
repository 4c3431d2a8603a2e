// Exchanges a part of a path below the data just before wfc or wfr uses it, as another user would.
//
//   swap [--call N | --one-in K] [--seed S] [--kill] --top DATA --home HOME --log LOG COMMAND...
//   swap copy FROM TO
//
// Every system call of wfc and wfr that takes a path is stopped (ptrace, by a seccomp filter), so
// it does not matter which library makes it. If the path leads below DATA, the call counts. Before
// the Nth of them (0: none; then LOG gets their names), or about one in K, a process of the
// attacker exchanges one part of the path by something of its own (swap_bait.hpp), if it is allowed
// to; the call goes on; and at its end, or only at the end of the command, all is put back. What,
// where and for how long is drawn by lot with the seed.
// `--kill`: all processes die after the first such call. LOG gets a line for each exchange and at
// last "calls N swaps M". The exit status is the command's, 137 when it was killed.
//
// `swap copy` is the command of the tasks: it follows no link and replaces nothing. So whatever
// happens outside the data is not its doing. TO with a '/' behind is made as a directory with a
// file in it.
#include "swap_bait.hpp"
#include "swap_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using swapping::Bait;

struct Settings {
  long call = 0;
  unsigned one_in = 0;
  std::uint64_t seed = 1;
  bool kills = false;
  std::string top;
  std::string home;
  std::FILE* log = nullptr;
};

// Calls by which something could be made, moved or removed in the wrong place: they are met more
// often.
bool changes(const std::string& name) {
  for (const char* begin :
       {"mkdir", "rmdir", "unlink", "rename", "link", "symlink", "creat", "chdir"}) {
    if (name.compare(0, std::strlen(begin), begin) == 0) return true;
  }
  return false;
}

class Swapper {
 public:
  explicit Swapper(Settings settings) : settings_(std::move(settings)), chance_(settings_.seed) {}
  int run(char** command);

 private:
  void start(char** command);
  void handle(pid_t pid, int status);
  bool at_call(pid_t pid);
  swapping::Swap drawn(const swapping::Call& call);
  bool swap(const swapping::Call& call);
  bool is_ours(pid_t pid);
  std::size_t draw(std::size_t below) { return chance_() % below; }

  Settings settings_;
  std::mt19937_64 chance_;
  long calls_ = 0;
  long swaps_ = 0;
  long drawn_ = 0;
  bool killed_ = false;
  pid_t root_ = 0;
  int root_status_ = 0;
  std::map<pid_t, bool> ours_;
  std::map<pid_t, swapping::Swap> during_;  // put back when the call of this thread ends
  std::vector<swapping::Swap> until_end_;
};

void Swapper::start(char** command) {
  std::array<int, 2> gate{};
  if (pipe(gate.data()) != 0) swapping::die("pipe");
  root_ = fork();
  if (root_ < 0) swapping::die("fork");
  if (root_ == 0) {
    close(gate[1]);
    char go = 0;
    if (read(gate[0], &go, 1) != 1) _exit(2);
    close(gate[0]);
    swapping::install_filter();
    execvp(command[0], command);
    swapping::die(command[0]);
  }
  close(gate[0]);
  constexpr long kOptions = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
                            PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, root_, nullptr, kOptions) != 0) swapping::die("ptrace");
  if (write(gate[1], "g", 1) != 1) swapping::die("write");
  close(gate[1]);
}

// The program of the process, and of its forks until they start another.
bool Swapper::is_ours(pid_t pid) {
  const auto known = ours_.find(pid);
  if (known != ours_.end()) return known->second;
  const std::string program = swapping::link_text("/proc/" + std::to_string(pid) + "/exe");
  const std::string name = program.substr(program.find_last_of('/') + 1);
  return ours_[pid] = name == "wfc" || name == "wfr";
}

// Some part of the path, for something.
swapping::Swap Swapper::drawn(const swapping::Call& call) {
  std::vector<std::size_t> ends;  // of the parts below the top
  for (std::size_t at = settings_.top.size() + 1; at < call.path.size(); ++at) {
    if (call.path[at] == '/') ends.push_back(at);
  }
  ends.push_back(call.path.size());
  const std::size_t end = ends[draw(ends.size())];
  swapping::Swap one;
  one.place = call.path.substr(0, end);
  one.rest = end < call.path.size() ? call.path.substr(end + 1) : "";
  const std::string parent = one.place.substr(0, one.place.find_last_of('/'));
  one.aside = parent + "/.x" + std::to_string(settings_.seed) + "-" + std::to_string(++drawn_);
  // Every other time one of the first four.
  one.bait = static_cast<Bait>(draw(2) == 0 ? draw(4) : draw(swapping::kBaits.size()));
  // What is called as a task's directory is one; of those the records tell what is the task's.
  const bool of_task = parent == settings_.top && one.place.find("/.wfr.") == std::string::npos;
  if (of_task && one.bait == Bait::Moved) one.bait = Bait::LinkWithin;
  return one;
}

bool Swapper::swap(const swapping::Call& call) {
  constexpr int kMostTries = 4;
  swapping::Swap one;
  bool done = false;
  for (int tried = 0; tried < kMostTries && !done; ++tried) {
    one = drawn(call);
    done = swapping::exchange(one, settings_.top, settings_.home);
  }
  if (!done) return false;
  ++swaps_;
  const bool stays = draw(8) == 0;
  std::fprintf(settings_.log,
               "%ld %s %s: `%s` %s, %s\n",
               calls_,
               call.name,
               call.path.c_str(),
               one.place.c_str(),
               swapping::kBaits[static_cast<std::size_t>(one.bait)],
               stays ? "stays" : "during the call");
  std::fflush(settings_.log);
  if (stays) {
    until_end_.push_back(one);
    return false;
  }
  during_[call.pid] = one;
  return true;
}

// Whether the end of the call is to be seen.
bool Swapper::at_call(pid_t pid) {
  if (!is_ours(pid)) return false;
  const swapping::Call call = swapping::read_call(pid, draw(2) == 1);
  if (call.path.compare(0, settings_.top.size() + 1, settings_.top + "/") != 0) return false;
  ++calls_;
  const bool dangerous = changes(call.name);
  if (settings_.call == 0 && settings_.one_in == 0) {
    std::fprintf(settings_.log, "%ld %s%s\n", calls_, call.name, dangerous ? " changes" : "");
  }
  const unsigned one_in = dangerous ? (settings_.one_in + 4) / 5 : settings_.one_in;
  const bool now = one_in > 0 ? draw(one_in) == 0 : calls_ == settings_.call;
  return now && swap(call);
}

void Swapper::handle(pid_t pid, int status) {
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  int pass = 0;
  auto go_on = during_.count(pid) > 0 ? PTRACE_SYSCALL : PTRACE_CONT;
  if (event == PTRACE_EVENT_SECCOMP) {
    if (at_call(pid)) go_on = PTRACE_SYSCALL;
    if (settings_.kills && swaps_ > 0 && during_.empty()) killed_ = true;
  } else if (signal == (SIGTRAP | 0x80)) {
    const auto swapped = during_.find(pid);
    if (swapped != during_.end()) {
      swapping::put_back(swapped->second, settings_.top);
      during_.erase(swapped);
      go_on = PTRACE_CONT;
      killed_ = settings_.kills;
    }
  } else if (event == PTRACE_EVENT_EXEC) {
    ours_.erase(pid);
  } else if (event == 0 && signal != SIGTRAP) {
    pass = signal;
  }
  if (killed_) kill(root_, SIGKILL);
  ptrace(go_on, pid, nullptr, pass);
}

int Swapper::run(char** command) {
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
    ours_.erase(pid);
    if (pid == root_) root_status_ = status;
  }
  for (const auto& [pid, one] : during_) until_end_.push_back(one);
  for (auto one = until_end_.rbegin(); one != until_end_.rend(); ++one) {
    swapping::put_back(*one, settings_.top);
  }
  std::fprintf(settings_.log, "calls %ld swaps %ld\n", calls_, swaps_);
  return WIFEXITED(root_status_) ? WEXITSTATUS(root_status_) : 128 + WTERMSIG(root_status_);
}

// Opens it without following any link.
int open_plain(const std::string& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? 0666 : 0;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how));
}

int copy(const std::string& from, std::string to) {
  const int in = open_plain(from, O_RDONLY | O_NONBLOCK);
  if (to.back() == '/') {
    to.pop_back();
    const std::size_t slash = to.find_last_of('/');
    const int parent = open_plain(slash == std::string::npos ? "." : to.substr(0, slash), O_PATH);
    if (mkdirat(parent, to.substr(slash + 1).c_str(), 0777) != 0) swapping::die(to.c_str());
    to += "/file";
  }
  const int out = open_plain(to, O_WRONLY | O_CREAT | O_EXCL);
  std::array<char, 4096> buffer{};
  const ssize_t size = read(in, buffer.data(), buffer.size());
  if (in < 0 || size < 0) swapping::die(from.c_str());
  if (out < 0 || write(out, buffer.data(), static_cast<std::size_t>(size)) != size)
    swapping::die(to.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "copy") return copy(words[1], words[2]);
  Settings settings;
  std::size_t at = 0;
  for (; at + 1 < words.size() && words[at].compare(0, 2, "--") == 0; ++at) {
    if (words[at] == "--kill") {
      settings.kills = true;
      continue;
    }
    const std::string& option = words[at++];
    const std::string& value = words[at];
    if (option == "--call") settings.call = std::stol(value);
    if (option == "--one-in") settings.one_in = static_cast<unsigned>(std::stoul(value));
    if (option == "--seed") settings.seed = std::stoull(value);
    if (option == "--top") settings.top = value;
    if (option == "--home") settings.home = value;
    if (option == "--log") settings.log = std::fopen(value.c_str(), "we");
  }
  if (at >= words.size() || settings.log == nullptr || settings.top.empty()) {
    std::fputs("usage: swap [OPTIONS] --top DATA --home HOME --log LOG COMMAND...\n", stderr);
    return 2;
  }
  Swapper swapper(settings);
  const int status = swapper.run(argv + 1 + at);
  std::fclose(settings.log);
  return status;
}
