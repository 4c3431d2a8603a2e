// The signals that stop a job, as something to read instead of handlers. Restores everything at its
// end. What was ignored when the process began stays ignored, here and in what it starts: SIGHUP
// below nohup, SIGINT of a background command of a script. (The script of a job ignores SIGUSR1
// until wfr takes it.)
#pragma once

#include <csignal>

namespace wfr {

// SIGHUP and SIGINT, as far as they are ignored.
sigset_t kept_ignored();

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
