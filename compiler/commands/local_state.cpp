// Locks and views of out/state.
#include "compiler/commands/local_state.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

std::string holder(int fd) {
  std::array<char, 300> text{};
  const ssize_t got = pread(fd, text.data(), text.size() - 1, 0);
  return got > 0 ? std::string(text.data(), static_cast<std::size_t>(got)) : "another process";
}

}  // namespace

void take_over(const wfr::Plan& plan, const fs::path& out) {
  wfr::carry(out, plan);
  wfr::write_last(out, plan.hash);
}

// A lock of this process alone (F_SETLK): what it has started, and its guardian, may have the file
// open for a moment after it was killed, and hold nothing.
RunLock::RunLock(const fs::path& out) {
  const fs::path file = out / "state" / "run.lock";
  wfr::make_own_directories(file.parent_path());
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd_ < 0)
    throw std::system_error(errno, std::generic_category(), "cannot write `" + file.string() + "`");
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(fd_, F_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES)) {
    const std::string who = holder(fd_);
    close(fd_);
    throw std::runtime_error("`" + out.string() + "` is in use by " + who +
                             ": wait for it, or stop it with Ctrl-C");
  }
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string me = fmt::format("`wfc run` on {}, process {}", host.data(), getpid());
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, me.data(), me.size(), 0) < 0) {
    // Only the name in a message is lost.
    return;
  }
}

RunLock::~RunLock() {
  close(fd_);
}

}  // namespace wfc
