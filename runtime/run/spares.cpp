// Renaming instead of making and removing.
#include "runtime/run/spares.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/run/file_moves.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::size_t kMostSpares = 64;

std::string prefix() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}spare.{}-", kHolderPrefix, host.data());
}

bool is_alive(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}

Descriptor open_holder(int directory, const std::string& name) {
  Descriptor held(openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (held && fstat(held.get(), &info) == 0 && is_holder(info)) return held;
  return {};
}

// Spares are empty: what holds anything is left.
void clear_dead(const std::string& root, const std::string& begins) {
  const Descriptor directory = open_path(root, true);
  if (!directory) return;
  for (const std::string& name : entries(root)) {
    if (name.compare(0, begins.size(), begins) != 0) continue;
    pid_t pid = 0;
    std::from_chars(name.data() + begins.size(), name.data() + name.size(), pid);
    if (pid <= 0 || is_alive(pid)) continue;
    const Descriptor place = open_holder(directory.get(), name);
    if (!place) continue;
    for (const std::string& spare : names_in(place.get())) {
      unlinkat(place.get(), spare.c_str(), AT_REMOVEDIR);
    }
    unlinkat(directory.get(), name.c_str(), AT_REMOVEDIR);
  }
}

}  // namespace

SpareDirectories::SpareDirectories(std::string root) : root_(std::move(root)) {}

SpareDirectories::~SpareDirectories() {
  if (!place_) return;
  for (const std::string& spare : spares_) unlinkat(place_.get(), spare.c_str(), AT_REMOVEDIR);
  unlinkat(root_directory_.get(), place_name_.c_str(), AT_REMOVEDIR);
}

void SpareDirectories::clear_left() const {
  try {
    clear_dead(root_, prefix());
  } catch (const std::exception&) {
    // A root that cannot be used is said where a task needs it.
  }
}

bool SpareDirectories::make(const std::string& path, const std::string& base) {
  const Parent parent = open_parent(path, base);
  if (!parent) return false;
  {
    const std::scoped_lock lock(mutex_);
    if (usable_ && !spares_.empty()) {
      if (renameat2(place_.get(),
                    spares_.back().c_str(),
                    parent.directory.get(),
                    parent.name.c_str(),
                    RENAME_NOREPLACE) == 0) {
        spares_.pop_back();
        return true;
      }
      // Something is there already: mkdir gives the right error.
      if (errno != EEXIST) usable_ = false;
    }
  }
  return make_holder(parent.directory.get(), parent.name.c_str());
}

// Nobody can foresee its name: it is new, and this process's.
bool SpareDirectories::make_place() {
  clear_dead(root_, prefix());
  root_directory_ = open_path(root_, true);
  if (!root_directory_) return false;
  place_name_ = fmt::format("{}{}.{}", prefix(), getpid(), random_digits());
  if (!make_holder(root_directory_.get(), place_name_.c_str())) return false;
  place_ = open_holder(root_directory_.get(), place_name_);
  return static_cast<bool>(place_);
}

bool SpareDirectories::keep(const std::string& path, const std::string& base) {
  const Parent parent = open_parent(path, base);
  if (!parent) return false;
  const Descriptor held = open_holder(parent.directory.get(), parent.name);
  if (!held || !is_empty_directory(held.get())) return false;
  const std::scoped_lock lock(mutex_);
  if (!usable_ || spares_.size() >= kMostSpares) return false;
  if (!place_ && !make_place()) {
    usable_ = false;
    return false;
  }
  const std::string spare = std::to_string(next_);
  if (renameat(parent.directory.get(), parent.name.c_str(), place_.get(), spare.c_str()) != 0) {
    usable_ = false;
    return false;
  }
  ++next_;
  struct stat before {};
  struct stat now {};
  if (fstat(held.get(), &before) != 0 ||
      fstatat(place_.get(), spare.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0 ||
      before.st_ino != now.st_ino) {
    // Somebody has exchanged it in between: back with it.
    renameat2(
        place_.get(), spare.c_str(), parent.directory.get(), parent.name.c_str(), RENAME_NOREPLACE);
    return false;
  }
  spares_.push_back(spare);
  return true;
}

void SpareDirectories::remove(const std::string& path, const std::string& base) noexcept {
  try {
    if (keep(path, base)) return;
  } catch (const std::exception&) {
    // remove_holder() leaves what is not safe.
  }
  remove_holder(path, base);
}

}  // namespace wfr
