// A table in shared memory, and a pipe whose end means that we are gone. The guardian sleeps until
// then: keeping the table up to date wakes nobody.
#include "runtime/run/guardian.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {

namespace {

// More groups than any node runs at once. A page is used only once it is written to.
constexpr std::uint32_t kMostGroups = 65536;

}  // namespace

struct GuardTable {
  std::uint64_t expected;                 // inode of the pipe of the one being started; 0: none
  std::array<pid_t, kMostGroups> groups;  // 0: free
};

namespace {

// Closes all but standard input and these; no allocation, as after any fork of a program with
// threads.
void close_others(const std::vector<int>& sorted) {
  unsigned first = 1;
  for (const int fd : sorted) {
    if (fd < 1) continue;
    const auto kept = static_cast<unsigned>(fd);
    if (kept > first) close_range(first, kept - 1, 0);
    first = kept + 1;
  }
  close_range(first, ~0U, 0);
}

// SIGKILL takes effect asynchronously: a process may still finish a write. The wait is bounded,
// because a process that hangs in the kernel may never end.
void wait_until_gone(const GuardTable* table) {
  constexpr int kMostLooks = 10'000;
  constexpr timespec kPause{0, 1'000'000};
  for (int look = 0; look < kMostLooks; ++look) {
    bool any = false;
    for (std::uint32_t i = 0; i < kMostGroups && !any; ++i) {
      const pid_t group = table->groups[i];
      any = group > 0 && kill(-group, 0) == 0;
    }
    if (!any) return;
    nanosleep(&kPause, nullptr);
  }
}

// Whether a process has this pipe open; one that has not come to its exec yet has it too.
bool has_pipe(pid_t pid, std::uint64_t inode) {
  std::array<char, 64> path{};
  std::array<char, 64> wanted{};
  std::snprintf(path.data(), path.size(), "/proc/%d/fd", pid);
  const int size = std::snprintf(
      wanted.data(), wanted.size(), "pipe:[%llu]", static_cast<unsigned long long>(inode));
  DIR* const fds = opendir(path.data());
  if (fds == nullptr) return false;
  bool found = false;
  for (const dirent* entry = readdir(fds); entry != nullptr && !found; entry = readdir(fds)) {
    std::array<char, 64> link{};
    const ssize_t got = readlinkat(dirfd(fds), entry->d_name, link.data(), link.size());
    found = got == size && std::memcmp(link.data(), wanted.data(), link.size()) == 0;
  }
  closedir(fds);
  return found;
}

// The one that was being started, and what it has started since. Several looks, since it may be on
// its way from one program to the next.
void kill_expected(std::uint64_t inode) {
  constexpr int kLooks = 5;
  constexpr timespec kPause{0, 2'000'000};
  int clear = 0;
  for (int look = 0; clear < kLooks && look < 1000; ++look) {
    ++clear;
    DIR* const all = opendir("/proc");
    if (all == nullptr) return;
    for (const dirent* entry = readdir(all); entry != nullptr; entry = readdir(all)) {
      const pid_t pid = std::atoi(entry->d_name);
      if (pid <= 1 || pid == getpid() || !has_pipe(pid, inode)) continue;
      clear = 0;
      kill(pid, SIGKILL);
    }
    closedir(all);
    nanosleep(&kPause, nullptr);
  }
}

[[noreturn]] void guard(int fd, GuardTable* table, const std::vector<int>& held) {
  // A group of its own and deaf: what ends the scheduler must not end its guardian.
  setpgid(0, 0);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  prctl(PR_SET_NAME, "wfr-guardian");
  if (fd != 0) dup2(fd, 0);
  close_others(held);
  char nothing = 0;
  while (read(0, &nothing, 1) < 0 && errno == EINTR) {
  }
  for (std::uint32_t i = 0; i < kMostGroups; ++i) {
    const pid_t group = std::atomic_ref<pid_t>(table->groups[i]).load(std::memory_order_acquire);
    if (group > 0) kill(-group, SIGKILL);
  }
  const std::uint64_t expected =
      std::atomic_ref<std::uint64_t>(table->expected).load(std::memory_order_acquire);
  if (expected != 0) kill_expected(expected);
  wait_until_gone(table);
  _exit(0);
}

}  // namespace

Guardian::Guardian(const std::vector<int>& held) {
  void* const shared =
      mmap(nullptr, sizeof(GuardTable), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return;
  table_ = static_cast<GuardTable*>(shared);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
  std::vector<int> sorted = held;
  std::sort(sorted.begin(), sorted.end());
  pid_ = fork();
  if (pid_ == 0) guard(ends[0], table_, sorted);
  close(ends[0]);
  if (pid_ < 0) {
    close(ends[1]);
    return;
  }
  fd_ = ends[1];
}

Guardian::~Guardian() {
  if (fd_ >= 0) {
    close(fd_);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (table_ != nullptr) munmap(table_, sizeof(GuardTable));
}

void Guardian::expect(int output) {
  if (fd_ < 0) return;
  struct stat info {};
  const bool known = output >= 0 && fstat(output, &info) == 0;
  std::atomic_ref<std::uint64_t>(table_->expected)
      .store(known ? info.st_ino : 0, std::memory_order_release);
}

void Guardian::add(pid_t group) {
  if (fd_ < 0 || (freed_.empty() && used_ == kMostGroups)) return;
  std::uint32_t place = used_;
  if (freed_.empty()) {
    ++used_;
  } else {
    place = freed_.back();
    freed_.pop_back();
  }
  place_of_[group] = place;
  std::atomic_ref<pid_t>(table_->groups[place]).store(group, std::memory_order_release);
}

void Guardian::remove(pid_t group) {
  const auto found = place_of_.find(group);
  if (found == place_of_.end()) return;
  std::atomic_ref<pid_t>(table_->groups[found->second]).store(0, std::memory_order_release);
  freed_.push_back(found->second);
  place_of_.erase(found);
}

}  // namespace wfr
