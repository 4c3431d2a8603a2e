// Locks and views of out/state.
#include "compiler/commands/local_state.hpp"

#include "runtime/run/carry.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
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

StateView::StateView(const wfr::Plan& plan, const fs::path& out)
    : paths_(wfr::state_paths(out, plan.hash)) {
  const std::string last = wfr::read_last(out);
  const fs::path file = out / "plan" / last / "plan.wfp";
  if (last.empty() || last == plan.hash || !fs::exists(file)) return;
  std::string name = (fs::temp_directory_path() / "wfc-state-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make a temporary directory");
  }
  temporary_ = name;
  paths_.dir = temporary_;
  try {
    wfr::carry(wfr::map_plan(file), wfr::state_paths(out, last), plan, paths_);
  } catch (const wfr::PlanError&) {
    // A plan of another version: nothing is known, as if nothing had run.
  }
}

StateView::~StateView() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

RunLock::RunLock(const fs::path& out) {
  const fs::path file = out / "state" / "run.lock";
  fs::create_directories(file.parent_path());
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0)
    throw std::system_error(errno, std::generic_category(), "cannot write `" + file.string() + "`");
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
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
