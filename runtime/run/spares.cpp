// Renaming instead of making and removing.
#include "runtime/run/spares.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostSpares = 64;

std::string prefix() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format(".wfr.spare.{}-", host.data());
}

bool is_empty(const std::string& path) {
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return false;
  std::size_t entries = 0;
  while (entries < 3 && readdir(dir) != nullptr) ++entries;
  closedir(dir);
  return entries == 2;  // "." and ".."
}

bool is_alive(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}

// Spares are empty: a directory of this name that holds anything is somebody's.
void remove_spares(const std::string& place) {
  std::error_code error;
  for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
    rmdir(it->path().c_str());
  }
  rmdir(place.c_str());
}

void clear_dead(const std::string& root, const std::string& begins) {
  std::error_code error;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.compare(0, begins.size(), begins) != 0) continue;
    pid_t pid = 0;
    std::from_chars(name.data() + begins.size(), name.data() + name.size(), pid);
    if (pid > 0 && !is_alive(pid)) remove_spares(it->path().string());
  }
}

}  // namespace

SpareDirectories::SpareDirectories(std::string root) : root_(std::move(root)) {}

SpareDirectories::~SpareDirectories() {
  for (const std::string& spare : spares_) rmdir(spare.c_str());
  if (!place_.empty()) rmdir(place_.c_str());
}

void SpareDirectories::clear_left() const {
  clear_dead(root_, prefix());
}

bool SpareDirectories::make(const std::string& path) {
  {
    const std::scoped_lock lock(mutex_);
    if (usable_ && !spares_.empty()) {
      // Something is there already: mkdir gives the right error.
      struct stat info {};
      const bool free = lstat(path.c_str(), &info) != 0;
      if (free && rename(spares_.back().c_str(), path.c_str()) == 0) {
        spares_.pop_back();
        return true;
      }
      if (free && errno != ENOENT) usable_ = false;
    }
  }
  return mkdir(path.c_str(), 0777) == 0;
}

bool SpareDirectories::keep(const std::string& path) noexcept {
  if (!is_empty(path)) return false;
  const std::scoped_lock lock(mutex_);
  if (!usable_ || spares_.size() >= kMostSpares) return false;
  if (place_.empty()) {
    const std::string begins = prefix();
    clear_dead(root_, begins);
    place_ = root_ + "/" + begins + std::to_string(getpid());
    if (mkdir(place_.c_str(), 0777) != 0 && errno != EEXIST) {
      place_.clear();
      usable_ = false;
      return false;
    }
  }
  const std::string spare = place_ + "/" + std::to_string(next_);
  if (rename(path.c_str(), spare.c_str()) != 0) {
    usable_ = false;
    return false;
  }
  ++next_;
  spares_.push_back(spare);
  return true;
}

void SpareDirectories::remove(const std::string& path) noexcept {
  if (keep(path) || rmdir(path.c_str()) == 0 || errno == ENOENT) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace wfr
