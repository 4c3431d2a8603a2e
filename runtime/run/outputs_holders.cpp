// Where the temporaries of one attempt lie, so that nobody else can put anything among them.
#include "runtime/files/holder.hpp"
#include "runtime/files/safe_open.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace wfr {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " `" + path + "`");
}

bool make_one(const std::string& path, const std::string& base, SpareDirectories* spares) {
  if (spares != nullptr) return spares->make(path, base);
  const Parent parent = open_parent(path, base);
  return parent && make_holder(parent.directory.get(), parent.name.c_str());
}

// As what is made in `directory` would have it: its group, and its default access list.
void take_group(const std::string& path, const std::string& directory) {
  constexpr const char* kDefaults = "system.posix_acl_default";
  std::array<char, 4096> list{};
  const ssize_t size = getxattr(directory.c_str(), kDefaults, list.data(), list.size());
  if (size > 0) setxattr(path.c_str(), kDefaults, list.data(), static_cast<std::size_t>(size), 0);
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0 || (info.st_mode & S_ISGID) == 0) return;
  if (chown(path.c_str(), static_cast<uid_t>(-1), info.st_gid) == 0) {
    chmod(path.c_str(), S_ISGID | S_IRWXU);
  }
}

}  // namespace

std::string OutputFiles::holder_at(const std::string& directory) const {
  const auto other = other_holders_.find(directory);
  if (other != other_holders_.end()) return other->second;
  return fmt::format("{}/{}{}", directory, kHolderPrefix, tag_);
}

void OutputFiles::look_for_holder(const std::string& directory) {
  std::string foreign;
  std::string held = holder_in(directory, fmt::format("{}{}", kHolderPrefix, tag_), foreign);
  if (!foreign.empty()) {
    foreign_holders_.insert(foreign);
    other_holders_[directory] = held;
  }
  if (is_holder(held)) use_holder(held);
}

std::string OutputFiles::make_holder_at(const std::string& directory) {
  // Somebody may take the name again and again.
  constexpr int kMostTries = 8;
  for (int tried = 0; tried < kMostTries; ++tried) {
    std::string held = holder_at(directory);
    if (make_one(held, own_.directory, spares_) || (errno == EEXIST && is_holder(held))) {
      use_holder(held);
      return held;
    }
    if (errno == ENOENT) {
      make_directories(directory, made_parents_, own_.directory);
    } else if (errno == EEXIST) {
      look_for_holder(directory);
    } else {
      fail("cannot make the directory", held);
    }
  }
  fail("cannot make the directory", holder_at(directory));
}

// Few in each directory: they come and go.
std::string OutputFiles::private_holder() const {
  return fmt::format("{}/{}/{}{}", held_, tag_.substr(0, 2), kHolderPrefix, tag_);
}

// A rename leads from there to `directory`.
bool OutputFiles::may_use_private(const std::string& directory) const {
  struct stat there {};
  struct stat here {};
  if (held_.empty() || stat(parent_of(held_).c_str(), &there) != 0 ||
      stat(directory.c_str(), &here) != 0 || there.st_dev != here.st_dev) {
    return false;
  }
  return !others_may_exchange(parent_of(held_));
}

std::string OutputFiles::make_private_place(const std::string& directory) {
  const std::string held = private_holder();
  make_own_directories(parent_of(held));
  if (!make_one(held, {}, nullptr) && (errno != EEXIST || !is_holder(held))) {
    fail("cannot make the directory", held);
  }
  use_holder(held);
  std::string place = fmt::format("{}/{}", held, safe_places_.size());
  if (mkdir(place.c_str(), S_IRWXU) != 0) fail("cannot make the directory", place);
  take_group(place, directory);
  return place;
}

// Whoever exchanges the holder would have to know a name that only the command is told.
std::string OutputFiles::make_safe_place(const std::string& directory, const std::string& holder) {
  // Outputs of one directory stay together: programs make files beside others.
  const auto known = safe_places_.find(directory);
  if (known != safe_places_.end()) return known->second;
  std::string place;
  if (may_use_private(directory)) {
    place = make_private_place(directory);
  } else {
    hidden_names_.push_back(random_digits());
    place = holder + "/" + hidden_names_.back();
    const Parent parent = open_parent(place, own_.directory);
    if (!parent || mkdirat(parent.directory.get(), parent.name.c_str(), S_IRWXU) != 0) {
      fail("cannot make the directory", place);
    }
  }
  return safe_places_.emplace(directory, std::move(place)).first->second;
}

// A rename, but where another file system begins in between, as with quotas of projects.
void OutputFiles::bring_to_holder(std::size_t i, std::vector<std::string>& files) {
  const std::string held = holder_at(parent_of(outputs_[i].path));
  if (parent_of(targets_[i]) == held) return;
  for (std::string& file : files) {
    const std::string to = held + "/" + base_name(file);
    try {
      rename_in(file, to, own_.directory);
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::cross_device_link) throw;
      copy_tree(file, to, own_.directory);
    }
    file = to;
  }
}

void OutputFiles::use_holder(const std::string& held) {
  if (std::find(holders_.begin(), holders_.end(), held) == holders_.end()) holders_.push_back(held);
}

void OutputFiles::remove_holders(bool keep_old) noexcept {
  for (const std::string& held : holders_) {
    if (keep_old && has_old(held)) continue;
    if (spares_ != nullptr && held != private_holder()) {
      spares_->remove(held, own_.directory);
    } else {
      remove_holder(held, own_.directory);
    }
  }
}

void clear_holders(const std::vector<TaskOutput>& outputs,
                   const std::string& tag,
                   const std::string& held) {
  const std::string name = fmt::format("{}{}", kHolderPrefix, tag);
  std::set<std::string> directories;
  for (const TaskOutput& output : outputs) directories.insert(place_of_holder(output));
  if (!held.empty()) directories.insert(held + "/" + tag.substr(0, 2));
  std::string foreign;
  for (const std::string& directory : directories) {
    const std::string path = holder_in(directory, name, foreign);
    if (is_holder(path)) remove_holder(path);
  }
}

}  // namespace wfr
