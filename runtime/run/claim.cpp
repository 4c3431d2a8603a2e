// Open file description locks: they belong to the open file, not to the process, and so pass to the
// guardian that ends what a killed wfr has left.
#include "runtime/run/claim.hpp"

#include "runtime/plan/own_out.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// True unless somebody else has it. A file system without locks has nobody who could.
bool lock(int fd, Range range) {
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = static_cast<off_t>(std::uint64_t{range.begin} * sizeof(Slot));
  wanted.l_len = static_cast<off_t>(std::uint64_t{range.size()} * sizeof(Slot));
  int status = 0;
  do {
    status = fcntl(fd, F_OFD_SETLK, &wanted);
  } while (status != 0 && errno == EINTR);
  return status == 0 || (errno != EAGAIN && errno != EACCES);
}

}  // namespace

Claim::Claim(const Plan& plan, const StatePaths& state, std::vector<std::pair<StepId, Range>> tasks)
    : tasks_(std::move(tasks)) {
  tasks_.erase(
      std::remove_if(
          tasks_.begin(), tasks_.end(), [](const auto& part) { return part.second.empty(); }),
      tasks_.end());
  std::sort(tasks_.begin(), tasks_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.begin) < std::pair(b.first, b.second.begin);
  });
  for (const auto& [step, range] : tasks_) {
    if (!steps_.empty() && steps_.back() == step) continue;
    steps_.push_back(step);
    const fs::path file = state.slots(plan.step(step));
    try {
      make_own_directories(file.parent_path());
    } catch (const fs::filesystem_error&) {
      // Who writes a slot there says why.
    }
    fds_.push_back(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnFile));
  }
}

Claim::~Claim() {
  for (const int fd : fds_) {
    if (fd >= 0) close(fd);
  }
}

int Claim::descriptor_of(std::size_t part) const {
  const auto place = std::lower_bound(steps_.begin(), steps_.end(), tasks_[part].first);
  return fds_[static_cast<std::size_t>(place - steps_.begin())];
}

bool Claim::take() {
  for (; held_ < tasks_.size(); ++held_) {
    const int fd = descriptor_of(held_);
    if (fd >= 0 && !lock(fd, tasks_[held_].second)) return false;
  }
  return true;
}

}  // namespace wfr
