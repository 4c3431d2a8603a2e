// A lock on a directory tells who is alive, also between containers that share it.
#include "runtime/run/job_scratch.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/run/paths.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// The descriptor that holds it; -1 when another process does, or it is not this user's.
int lock_directory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat info {};
  if (fstat(fd, &info) == 0 && is_holder(info) && flock(fd, LOCK_EX | LOCK_NB) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

void remove_left(const std::string& base, const std::string& prefix) {
  std::error_code error;
  for (fs::directory_iterator it(base, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().rfind(prefix, 0) != 0) continue;
    const int held = lock_directory(it->path().string());
    if (held < 0) continue;
    std::error_code ignored;
    fs::remove_all(it->path(), ignored);
    close(held);
  }
}

}  // namespace

JobScratch JobScratch::make(const std::string& base) {
  const std::string prefix = fmt::format("wfr-job-{}", geteuid());
  remove_left(base, prefix + "-");
  JobScratch scratch;
  // Somebody else's cleaning may come between the making and the lock.
  constexpr int kMostTries = 10;
  for (int tried = 0; scratch.lock_ < 0 && tried < kMostTries; ++tried) {
    scratch.path_ = make_scratch(fmt::format("{}/{}", base, prefix));
    // The mark of what a job has made: another directory of this user's is never cleared away.
    chmod(scratch.path_.c_str(), kHolderMode);
    scratch.lock_ = lock_directory(scratch.path_);
    struct stat info {};
    if (scratch.lock_ >= 0 && stat(scratch.path_.c_str(), &info) != 0) {
      close(std::exchange(scratch.lock_, -1));
    }
  }
  if (scratch.lock_ < 0) {
    throw std::system_error(EBUSY, std::generic_category(), "cannot hold `" + scratch.path_ + "`");
  }
  return scratch;
}

JobScratch JobScratch::without_directory(const std::string& base) {
  JobScratch scratch;
  scratch.path_ = base + "/wfr-job-none";
  return scratch;
}

JobScratch::JobScratch(JobScratch&& other) noexcept
    : path_(std::exchange(other.path_, "")), lock_(std::exchange(other.lock_, -1)) {}

JobScratch::~JobScratch() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

}  // namespace wfr
