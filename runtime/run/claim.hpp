// A job's hold on its tasks: of two wfr that were started for the same tasks, one works and the
// other waits, then finds them done.
#pragma once

#include "runtime/plan/state.hpp"

#include <utility>
#include <vector>

namespace wfr {

// One lock on the job's part of each step's file of slots: advisory, over the whole cluster where
// the file system has such locks, and released by the kernel however the holder ends. Where there
// are none, nothing is held and nothing waits.
class Claim {
 public:
  // Opens the files (making them); holds nothing yet. A file that cannot be opened is left out:
  // whoever writes to it will say why.
  Claim(const Plan& plan, const StatePaths& state, std::vector<std::pair<StepId, Range>> tasks);
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  // Takes what is free, in an order that is the same for everybody, so that no two wait for each
  // other. True when all is held.
  bool take();
  // What holds it, for a process that shall go on holding it.
  [[nodiscard]] const std::vector<int>& descriptors() const { return fds_; }

 private:
  [[nodiscard]] int descriptor_of(std::size_t part) const;

  std::vector<std::pair<StepId, Range>> tasks_;  // ascending
  std::vector<StepId> steps_;                    // of them, ascending
  std::vector<int> fds_;                         // by place in steps_; -1: not to be had
  std::size_t held_ = 0;                         // so many of the first tasks_
};

}  // namespace wfr
