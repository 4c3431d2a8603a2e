// The guardian's pipe: +pid for a new group, -pid for one that has ended; its end means that we are
// gone.
#include "runtime/run/guardian.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

// More groups than any node runs at once; an array, since the child of a fork may not allocate.
constexpr std::size_t kMostGroups = 4096;

void keep(std::array<pid_t, kMostGroups>& groups, std::size_t& count, pid_t word) {
  if (word > 0 && count < kMostGroups) {
    groups[count++] = word;
    return;
  }
  const auto end = groups.begin() + static_cast<std::ptrdiff_t>(count);
  const auto place = std::find(groups.begin(), end, -word);
  if (place != end) *place = groups[--count];
}

[[noreturn]] void guard(int fd) {
  // A group of its own and deaf: what ends the scheduler must not end its guardian.
  setpgid(0, 0);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  prctl(PR_SET_NAME, "wfr-guardian");
  if (fd != 0) dup2(fd, 0);
  close_range(1, ~0U, 0);
  static std::array<pid_t, kMostGroups> groups;
  std::size_t count = 0;
  std::array<pid_t, 256> words{};
  while (true) {
    const ssize_t got = read(0, words.data(), sizeof words);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    const std::size_t n = static_cast<std::size_t>(got) / sizeof(pid_t);
    for (std::size_t i = 0; i < n; ++i) keep(groups, count, words[i]);
  }
  for (std::size_t i = 0; i < count; ++i) kill(-groups[i], SIGKILL);
  _exit(0);
}

}  // namespace

Guardian::Guardian() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
  pid_ = fork();
  if (pid_ == 0) guard(ends[0]);
  close(ends[0]);
  if (pid_ < 0) {
    close(ends[1]);
    return;
  }
  fd_ = ends[1];
}

Guardian::~Guardian() {
  if (fd_ < 0) return;
  close(fd_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Guardian::tell(pid_t word) const {
  if (fd_ < 0) return;
  // Writes of a word are whole; a full pipe only delays. SIGPIPE is ignored by the scheduler.
  while (write(fd_, &word, sizeof word) < 0 && errno == EINTR) {
  }
}

void Guardian::add(pid_t group) {
  tell(group);
}
void Guardian::remove(pid_t group) {
  tell(-group);
}

}  // namespace wfr
