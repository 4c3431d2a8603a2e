// rename, or copy and remove where that leads to another file system.
#include "runtime/run/leftovers.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/paths.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {
namespace {

constexpr std::uint64_t kMostCopied = std::uint64_t{1} << 30U;

// `path`, or with the first number behind it that is free.
std::string free_name(const std::string& path) {
  std::string name = path;
  for (unsigned i = 2; stands(name); ++i) name = fmt::format("{}-{}", path, i);
  return name;
}

std::uint64_t inode_of(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

std::uint64_t size_of(const std::string& path, std::uint64_t most) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return 0;
  if (!S_ISDIR(info.st_mode)) return static_cast<std::uint64_t>(info.st_size);
  std::uint64_t size = 0;
  for (const std::string& inner : tree_below(path)) {
    if (size > most) break;
    if (inner.back() != '/' && lstat(inner.c_str(), &info) == 0) {
      size += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return size;
}

Leftovers::Leftovers(std::string place, unsigned attempt, std::string base)
    : place_(place.empty() ? std::move(place) : fmt::format("{}/attempt-{}", place, attempt)),
      base_(std::move(base)) {}

void Leftovers::put(const std::string& path, const std::string& relative, bool certain) {
  if (place_.empty()) {
    remove_tree(path, base_);
    return;
  }
  const std::uint64_t inode = inode_of(path);
  const std::string target = place_ + "/" + relative;
  make_own_directories(parent_of(target));
  std::string to = free_name(target);
  try {
    while (!rename_new(path, to, base_)) to = free_name(target);
    ++kept_;
    return;
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::cross_device_link) throw;
  }
  if (certain && size_of(path, kMostCopied) > kMostCopied) {
    if (removed_.empty()) removed_ = relative;
    if (inode_of(path) == inode) remove_tree(path, base_);
    return;
  }
  copy_tree(path, to, base_);
  // Not what somebody has put there meanwhile.
  if (inode_of(path) == inode) remove_tree(path, base_);
  ++kept_;
}

std::string Leftovers::text() const {
  std::string text;
  if (kept_ > 0) text = "what it left is in `" + place_ + "`";
  if (removed_.empty()) return text;
  return text + (text.empty() ? "" : "; ") + "`" + removed_ +
         "` was removed: it is too large to be copied there from another file system";
}

}  // namespace wfr
