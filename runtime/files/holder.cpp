// Owner and mode tell whose a directory is, where the file system keeps modes.
#include "runtime/files/holder.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/files/safe_open.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <unordered_map>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace wfr {
namespace {

struct CloseNames {
  void operator()(DIR* dir) const { closedir(dir); }
};
using OpenNames = std::unique_ptr<DIR, CloseNames>;

struct Free {
  void operator()(char* text) const { free(text); }
};

constexpr mode_t kModeBits = S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;

// Disks on which a mode that was set is not the mode that is read, as those of other systems. Known
// once a holder was made there.
class DisksWithoutModes {
 public:
  void add(dev_t disk) {
    const std::scoped_lock lock(mutex_);
    disks_.insert(disk);
  }
  bool contains(dev_t disk) {
    const std::scoped_lock lock(mutex_);
    return disks_.count(disk) > 0;
  }

 private:
  std::mutex mutex_;
  std::set<dev_t> disks_;
};

DisksWithoutModes& disks_without_modes() {
  static DisksWithoutModes disks;
  return disks;
}

bool others_may_rename_in(const std::string& directory, const struct stat& info) {
  if (info.st_uid != geteuid() && info.st_uid != 0) return true;
  return (info.st_mode & S_ISVTX) == 0 && others_may_write(directory, info);
}

// Of directories that hold others: few, and asked about for each task below them.
class KnownDirectories {
 public:
  bool others_may_exchange(const std::string& directory) {
    struct stat info {};
    if (stat(directory.c_str(), &info) == 0 && others_may_rename_in(directory, info)) return true;
    const std::size_t slash = directory.rfind('/');
    if (slash == std::string::npos || directory == "/") return false;
    const std::string parent = slash == 0 ? "/" : directory.substr(0, slash);
    {
      const std::scoped_lock lock(mutex_);
      const auto known = known_.find(parent);
      if (known != known_.end()) return known->second;
    }
    const bool may = others_may_exchange(parent);
    const std::scoped_lock lock(mutex_);
    constexpr std::size_t kMost = 4096;
    if (known_.size() >= kMost) known_.clear();
    known_[parent] = may;
    return may;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, bool> known_;
};

}  // namespace

std::vector<Entry> entries_in(int directory) {
  std::vector<Entry> found;
  const OpenNames dir(fdopendir(fcntl(directory, F_DUPFD_CLOEXEC, 0)));
  if (!dir) throw std::system_error(errno, std::generic_category(), "cannot read a directory");
  rewinddir(dir.get());
  while (true) {
    errno = 0;
    const dirent* entry = readdir(dir.get());
    if (entry == nullptr && errno != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot read a directory");
    }
    if (entry == nullptr) return found;
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool inner = entry->d_type == DT_DIR;
    struct stat info {};
    if (entry->d_type == DT_UNKNOWN) {
      inner = fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
              S_ISDIR(info.st_mode);
    }
    found.push_back({std::move(name), inner});
  }
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  for (Entry& entry : entries_in(directory)) names.push_back(std::move(entry.name));
  return names;
}

bool is_empty_directory(int directory) {
  DIR* dir = fdopendir(fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (dir == nullptr) return false;
  rewinddir(dir);
  std::size_t entries = 0;
  while (entries < 3 && readdir(dir) != nullptr) ++entries;
  closedir(dir);
  return entries == 2;  // "." and ".."
}

bool remove_entry(int directory, const char* name) {
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return true;
  // POSIX says EPERM of a directory, Linux EISDIR.
  if (errno != EISDIR && errno != EPERM) return false;
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0) return true;
  const Descriptor inner = open_inner_directory(directory, name);
  if (!inner) return false;
  for (const std::string& one : names_in(inner.get())) remove_entry(inner.get(), one.c_str());
  return unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

void remove_holder(const std::string& path, const std::string& base) noexcept {
  const Parent parent = parent_or_none(path, base);
  if (!parent) return;
  const Descriptor held = open_inner_directory(parent.directory.get(), parent.name.c_str());
  struct stat info {};
  if (!held || fstat(held.get(), &info) != 0 || !is_holder(info)) return;
  try {
    for (const std::string& name : names_in(held.get())) remove_entry(held.get(), name.c_str());
  } catch (const std::exception&) {
    // What cannot be read stays, and the holder with it.
    return;
  }
  unlinkat(parent.directory.get(), parent.name.c_str(), AT_REMOVEDIR);
}

std::string random_digits() {
  std::array<unsigned char, 8> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error(errno, std::generic_category(), "cannot get random bytes");
  }
  std::string digits;
  for (const unsigned char byte : bytes) digits += fmt::format("{:02x}", byte);
  return digits;
}

bool is_holder(const struct stat& info) {
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid()) return false;
  return (info.st_mode & kModeBits) == kHolderMode || disks_without_modes().contains(info.st_dev);
}

bool is_holder(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && is_holder(info);
}

bool make_holder(int directory, const char* name) {
  if (mkdirat(directory, name, kHolderMode) != 0) return false;
  const Descriptor made(openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  // Whatever else stands there by now is seen when it is used.
  const bool fresh = made && fstat(made.get(), &info) == 0 && info.st_uid == geteuid();
  if (!fresh || is_holder(info) || !is_empty_directory(made.get())) return true;
  // As where a directory above has a default for all that is made in it.
  if (fchmod(made.get(), kHolderMode) == 0 && fstat(made.get(), &info) == 0 && !is_holder(info)) {
    disks_without_modes().add(info.st_dev);
  }
  return true;
}

std::string holder_in(const std::string& directory, const std::string& name, std::string& foreign) {
  std::string path = directory + "/" + name;
  struct stat info {};
  foreign.clear();
  if (lstat(path.c_str(), &info) != 0 || is_holder(info)) return path;
  foreign = path;
  std::optional<ForeignLink> link;
  const Descriptor opened = open_directory(directory, "", link);
  for (const std::string& other : opened ? names_in(opened.get()) : std::vector<std::string>{}) {
    if (other.compare(0, name.size() + 1, name + ".") == 0 && is_holder(directory + "/" + other)) {
      return directory + "/" + other;
    }
  }
  return path + "." + random_digits();
}

bool others_may_write(const std::string& path, const struct stat& info) {
  if ((info.st_mode & S_IWOTH) != 0) return true;
  if ((info.st_mode & S_IWGRP) == 0) return false;
  const bool own_group = info.st_gid == 0 || info.st_gid == info.st_uid;
  // With an access list these bits are the most that anybody in it may.
  return !own_group || getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

bool others_may_exchange(const std::string& directory) {
  static KnownDirectories known;
  if (known.others_may_exchange(directory)) return true;
  // Where there is a link on the way, what it leads to counts too.
  if (open_without_links(AT_FDCWD, directory, O_PATH | O_DIRECTORY)) return false;
  const std::unique_ptr<char, Free> real(realpath(directory.c_str(), nullptr));
  return real == nullptr || known.others_may_exchange(real.get());
}

}  // namespace wfr
