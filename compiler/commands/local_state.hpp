// The state of the plan that a workflow file compiles to now, as `wfc run`, `why` and a dry run see
// it.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/carry.hpp"

#include <filesystem>
#include <string>

namespace wfc {

// Before a run or `touch`: what earlier plans have done is this plan's, and it is the last one.
void take_over(const wfr::Plan& plan, const std::filesystem::path& out);

// Held while a run changes the state of an out directory; the kernel lets it go with the process.
class RunLock {
 public:
  // Throws std::runtime_error that names the process which has it.
  explicit RunLock(const std::filesystem::path& out);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace wfc
