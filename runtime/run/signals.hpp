// The signals that stop a job, as something to read instead of handlers. Restores everything at its
// end.
#pragma once

#include <csignal>

namespace wfr {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  // The next one that has come; 0 when there is none.
  [[nodiscard]] int take() const;

 private:
  int fd_ = -1;
  sigset_t before_{};
  struct sigaction pipe_before_ {};
};

}  // namespace wfr
