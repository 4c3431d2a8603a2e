// The state of the plan that a workflow file compiles to now, as `wfc run`, `why` and a dry run see
// it.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <filesystem>
#include <string>

namespace wfc {

// What is done under the plan that ran last, seen from this plan, without changing anything in the
// out directory: carried into a directory of its own that goes with this object.
class StateView {
 public:
  StateView(const wfr::Plan& plan, const std::filesystem::path& out);
  ~StateView();
  StateView(const StateView&) = delete;
  StateView& operator=(const StateView&) = delete;
  [[nodiscard]] const wfr::StatePaths& paths() const { return paths_; }

 private:
  std::filesystem::path temporary_;
  wfr::StatePaths paths_;
};

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
