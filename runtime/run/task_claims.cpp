// Open file description locks: see claim.cpp.
#include "runtime/run/task_claims.hpp"

#include "runtime/plan/expand.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace wfr {
namespace {

// The first byte is everybody's: a shared lock on it says that somebody is at work.
constexpr std::int64_t kPresence = 0;

struct flock byte_at(std::int64_t place, int type) {
  struct flock wanted {};
  wanted.l_type = static_cast<short>(type);
  wanted.l_whence = SEEK_SET;
  wanted.l_start = place;
  wanted.l_len = 1;
  return wanted;
}

int set(int fd, std::int64_t place, int type) {
  int status = 0;
  do {
    struct flock wanted = byte_at(place, type);
    status = fcntl(fd, F_OFD_SETLK, &wanted);
  } while (status != 0 && errno == EINTR);
  return status;
}

std::int64_t changed_ns(int fd) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  struct stat info {};
  if (fstat(fd, &info) != 0) return 0;
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * kSecondNs + info.st_mtim.tv_nsec;
}

}  // namespace

TaskClaims::TaskClaims(const Plan& plan, const std::string& root) : plan_(plan) {
  const std::string file = root + "/.wfr.claims";
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (fd_ < 0) return;
  struct stat info {};
  // What stands there and was not made by a wfr is not written to.
  char trace = '\n';
  if (fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 1 ||
      (info.st_size == 1 && (pread(fd_, &trace, 1, 0) != 1 || trace != '\n'))) {
    close(fd_);
    fd_ = -1;
    return;
  }
  // Who may work in the directory must be able to take part, whatever the umask.
  struct stat directory {};
  constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
  if (info.st_uid == geteuid() && stat(root.c_str(), &directory) == 0) {
    const mode_t mode = info.st_mode | (directory.st_mode & kOthersWrite);
    if (mode != info.st_mode) fchmod(fd_, mode & 0777);
  }
  set(fd_, kPresence, F_RDLCK);
  leave_a_trace();
  trace_ns_ = changed_ns(fd_);
}

TaskClaims::~TaskClaims() {
  if (fd_ < 0) return;
  leave_a_trace();
  close(fd_);
}

void TaskClaims::leave_a_trace() const {
  const char trace = '\n';
  [[maybe_unused]] const ssize_t written = pwrite(fd_, &trace, 1, kPresence);
}

std::int64_t TaskClaims::place_of(Task task) const {
  const std::string name = plan_.step(task.step).name + '\0' + task_directory(plan_, task);
  constexpr std::int64_t kFirst = 16;
  return static_cast<std::int64_t>(XXH3_64bits(name.data(), name.size()) >> 2U) + kFirst;
}

bool TaskClaims::take(Task task) {
  if (fd_ < 0 || set(fd_, place_of(task), F_WRLCK) == 0) return true;
  return errno != EAGAIN && errno != EACCES;
}

void TaskClaims::release(Task task) {
  if (fd_ >= 0) set(fd_, place_of(task), F_UNLCK);
}

bool TaskClaims::others_were_here() {
  if (fd_ < 0) return false;
  struct flock other = byte_at(kPresence, F_WRLCK);
  const bool now = fcntl(fd_, F_OFD_GETLK, &other) == 0 && other.l_type != F_UNLCK;
  const std::int64_t trace = changed_ns(fd_);
  const bool since = trace != trace_ns_;
  trace_ns_ = trace;
  return now || since;
}

}  // namespace wfr
