// rename, or copy and remove where that leads to another file system.
#include "runtime/run/leftovers.hpp"

#include "runtime/run/file_moves.hpp"
#include "runtime/run/paths.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostCopied = std::uint64_t{1} << 30U;

// `path`, or with the first number behind it that is free.
std::string free_name(const std::string& path) {
  std::string name = path;
  for (unsigned i = 2; stands(name); ++i) name = fmt::format("{}-{}", path, i);
  return name;
}

}  // namespace

std::uint64_t size_of(const std::string& path, std::uint64_t most) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return 0;
  if (!S_ISDIR(info.st_mode)) return static_cast<std::uint64_t>(info.st_size);
  std::uint64_t size = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end && size <= most;
       it.increment(error)) {
    if (lstat(it->path().c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
      size += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return size;
}

Leftovers::Leftovers(std::string place, unsigned attempt)
    : place_(place.empty() ? std::move(place) : fmt::format("{}/attempt-{}", place, attempt)) {}

void Leftovers::put(const std::string& path, const std::string& relative, bool certain) {
  if (place_.empty()) {
    remove_tree(path);
    return;
  }
  const std::string target = place_ + "/" + relative;
  std::vector<std::string> made;
  make_directories(parent_of(target), made);
  const std::string to = free_name(target);
  if (rename(path.c_str(), to.c_str()) == 0) {
    ++kept_;
    return;
  }
  if (errno != EXDEV) {
    throw std::system_error(
        errno, std::generic_category(), "cannot move `" + path + "` to `" + to + "`");
  }
  if (certain && size_of(path, kMostCopied) > kMostCopied) {
    if (removed_.empty()) removed_ = relative;
    remove_tree(path);
    return;
  }
  fs::copy(path, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  remove_tree(path);
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
