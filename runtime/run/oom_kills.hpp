// What the kernel has killed for want of memory in the cgroup of this process: of a job, where
// Slurm has its memory watched over by the kernel (task/cgroup), or of a container.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wfr {

class OomKills {
 public:
  // `root`: where /proc and /sys are; another one in tests.
  explicit OomKills(const std::filesystem::path& root = "/");

  // Whether a process that ran since `started_ns` and was killed at about `now_ns` may have been
  // killed for memory: the count has grown, or has been seen to grow since it started (the kills of
  // two at once are seen together). Monotonic times. false where the kernel does not count.
  bool since(std::int64_t started_ns, std::int64_t now_ns);

 private:
  [[nodiscard]] std::uint64_t count() const;

  std::filesystem::path file_;  // "" for none
  std::uint64_t seen_ = 0;
  std::int64_t grown_ns_ = -1;  // when it was last seen to have grown
};

}  // namespace wfr
