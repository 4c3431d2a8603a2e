// signalfd for SIGINT, SIGTERM, SIGHUP and SIGUSR1.
#include "runtime/run/signals.hpp"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace wfr {

sigset_t kept_ignored() {
  sigset_t kept;
  sigemptyset(&kept);
  for (const int signal : {SIGINT, SIGHUP}) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) {
      sigaddset(&kept, signal);
    }
  }
  return kept;
}

StopSignals::StopSignals() {
  const sigset_t kept = kept_ignored();
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    if (sigismember(&kept, signal) == 0) sigaddset(&wanted, signal);
  }
  // Before any thread starts, so that none of them is interrupted.
  sigprocmask(SIG_BLOCK, &wanted, &before_);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before_);
  fd_ = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

StopSignals::~StopSignals() {
  close(fd_);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int StopSignals::take() const {
  signalfd_siginfo info{};
  if (read(fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace wfr
