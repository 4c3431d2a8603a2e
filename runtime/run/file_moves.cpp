// rename, renameat2 and link, with what a file system without them (NFS) has instead.
#include "runtime/run/file_moves.hpp"

#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " `" + path + "`");
}

// Without RENAME_EXCHANGE (NFS): the old one is put beside the new one, among the temporaries, and
// for a moment the name is free.
void rename_in_two(const std::string& from, const std::string& to) {
  const std::string aside = from + ".replaced";
  if (rename(to.c_str(), aside.c_str()) != 0) fail("cannot replace", to);
  if (rename(from.c_str(), to.c_str()) == 0) return;
  const int error = errno;
  // Best effort: the old one is better than none.
  static_cast<void>(rename(aside.c_str(), to.c_str()));
  errno = error;
  fail("cannot rename to", to);
}

}  // namespace

bool stands(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

bool is_directory(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return lstat(a.c_str(), &first) == 0 && lstat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

void rename_in(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return;
  // A directory cannot be renamed over one that has entries: then the two change places.
  if (errno != ENOTEMPTY && errno != EEXIST && errno != EISDIR && errno != ENOTDIR) {
    fail("cannot rename to", to);
  }
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("cannot rename to", to);
  rename_in_two(from, to);
}

bool rename_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST || errno == ENOTEMPTY) return false;
  if (errno != EINVAL && errno != ENOSYS) fail("cannot rename to", to);
  if (stands(to)) return false;
  if (rename(from.c_str(), to.c_str()) != 0) fail("cannot rename to", to);
  return true;
}

bool link_new(const std::string& from, const std::string& to) {
  return linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0;
}

void make_directories(const std::string& path, std::vector<std::string>& made) {
  if (mkdir(path.c_str(), 0777) == 0) {
    made.push_back(path);
    return;
  }
  if (errno == EEXIST) return;
  if (errno != ENOENT) fail("cannot make the directory", path);
  make_directories(parent_of(path), made);
  if (mkdir(path.c_str(), 0777) == 0) {
    made.push_back(path);
  } else if (errno != EEXIST) {
    fail("cannot make the directory", path);
  }
}

void remove_tree(const std::string& path) noexcept {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

std::vector<std::string> entries(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> tree_below(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().filename().string().compare(0, 5, ".wfr.") == 0) {
      it.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    const bool inner = it->symlink_status(ignored).type() == fs::file_type::directory;
    paths.push_back(it->path().string() + (inner ? "/" : ""));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace wfr
