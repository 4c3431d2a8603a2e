// rename, renameat2 and link, with what a file system without them (NFS) has instead.
#include "runtime/run/file_moves.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/files/safe_open.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <exception>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr mode_t kPermissions = 07777;

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " `" + path + "`");
}

// The two places of a rename or a link.
struct Move {
  Move(const std::string& from_path, const std::string& to_path, const std::string& base)
      : from(open_parent(from_path, base)), to(from ? open_parent(to_path, base) : Parent{}) {}

  int rename(unsigned flags) const {
    if (!from || !to) return -1;
    return renameat2(
        from.directory.get(), from.name.c_str(), to.directory.get(), to.name.c_str(), flags);
  }
  [[nodiscard]] bool target_stands() const {
    struct stat info {};
    return fstatat(to.directory.get(), to.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  }

  Parent from;
  Parent to;
};

bool knows_no_flags(int error) {
  return error == EINVAL || error == ENOSYS;
}

// Without RENAME_EXCHANGE (NFS): the old one is put beside the new one, among the temporaries, and
// for a moment the name is free.
void rename_in_two(const Move& move, const std::string& to) {
  const std::string aside = move.from.name + ".replaced";
  const int from = move.from.directory.get();
  const int place = move.to.directory.get();
  if (renameat(place, move.to.name.c_str(), from, aside.c_str()) != 0) fail("cannot replace", to);
  if (move.rename(0) == 0) return;
  const int error = errno;
  // Best effort: the old one is better than none.
  static_cast<void>(renameat(from, aside.c_str(), place, move.to.name.c_str()));
  errno = error;
  fail("cannot rename to", to);
}

bool copy_bytes(int from, int to) {
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno != EINTR) return false;
      done += std::max<ssize_t>(put, 0);
    }
  }
}

bool keep_times(int fd, const struct stat& info) {
  const std::array<timespec, 2> times{info.st_atim, info.st_mtim};
  return futimens(fd, times.data()) == 0;
}

bool copy_entry(const Parent& from, const Parent& to, const struct stat& info);

bool copy_directory(const Parent& from, const Parent& to, const struct stat& info) {
  Parent source{open_inner_directory(from.directory.get(), from.name.c_str()), ""};
  if (!source || mkdirat(to.directory.get(), to.name.c_str(), S_IRWXU) != 0) return false;
  Parent target{open_inner_directory(to.directory.get(), to.name.c_str()), ""};
  if (!target) return false;
  for (const std::string& name : names_in(source.directory.get())) {
    source.name = target.name = name;
    struct stat inner {};
    if (fstatat(source.directory.get(), name.c_str(), &inner, AT_SYMLINK_NOFOLLOW) != 0 ||
        !copy_entry(source, target, inner)) {
      return false;
    }
  }
  return fchmod(target.directory.get(), info.st_mode & kPermissions) == 0 &&
         keep_times(target.directory.get(), info);
}

bool copy_file(const Parent& from, const Parent& to, const struct stat& info) {
  const Descriptor source(openat(
      from.directory.get(), from.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!source) return false;
  const Descriptor target(openat(to.directory.get(),
                                 to.name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
  return target && copy_bytes(source.get(), target.get()) &&
         fchmod(target.get(), info.st_mode & kPermissions) == 0 && keep_times(target.get(), info);
}

bool copy_link(const Parent& from, const Parent& to) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size =
      readlinkat(from.directory.get(), from.name.c_str(), text.data(), text.size() - 1);
  return size >= 0 && symlinkat(text.data(), to.directory.get(), to.name.c_str()) == 0;
}

bool copy_entry(const Parent& from, const Parent& to, const struct stat& info) {
  if (S_ISDIR(info.st_mode)) return copy_directory(from, to, info);
  if (S_ISLNK(info.st_mode)) return copy_link(from, to);
  return !S_ISREG(info.st_mode) || copy_file(from, to, info);
}

// Empty where there is no such directory. What cannot be looked into must not pass for empty.
Descriptor open_to_list(const std::string& directory) {
  std::optional<ForeignLink> link;
  Descriptor opened = open_directory(directory, "", link);
  if (opened || (!link && (errno == ENOENT || errno == ENOTDIR))) return opened;
  fail("cannot read the directory", directory);
}

void add_below(int directory, const std::string& path, std::vector<std::string>& paths) {
  for (const Entry& entry : entries_in(directory)) {
    if (entry.name.starts_with(kHolderPrefix)) continue;
    const std::string inside = path + "/" + entry.name;
    paths.push_back(inside + (entry.directory ? "/" : ""));
    if (!entry.directory) continue;
    const Descriptor inner = open_inner_directory(directory, entry.name.c_str());
    if (inner) {
      add_below(inner.get(), inside, paths);
    } else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      fail("cannot read the directory", inside);
    }
  }
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

bool rename_in(const std::string& from, const std::string& to, const std::string& base) {
  const Move move(from, to, base);
  if (move.rename(0) == 0) return false;
  // A directory cannot be renamed over one that has entries: then the two change places.
  if (errno != ENOTEMPTY && errno != EEXIST && errno != EISDIR && errno != ENOTDIR) {
    fail("cannot rename to", to);
  }
  if (move.rename(RENAME_EXCHANGE) == 0) return true;
  if (!move.to || !knows_no_flags(errno)) fail("cannot rename to", to);
  rename_in_two(move, to);
  return false;
}

bool rename_new(const std::string& from, const std::string& to, const std::string& base) {
  const Move move(from, to, base);
  if (move.rename(RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST || errno == ENOTEMPTY) return false;
  if (!move.to || !knows_no_flags(errno)) fail("cannot rename to", to);
  if (move.target_stands()) return false;
  if (move.rename(0) != 0) fail("cannot rename to", to);
  return true;
}

bool link_new(const std::string& from, const std::string& to, const std::string& base) {
  const Move move(from, to, base);
  return move.to && linkat(move.from.directory.get(),
                           move.from.name.c_str(),
                           move.to.directory.get(),
                           move.to.name.c_str(),
                           0) == 0;
}

void make_directories(const std::string& path,
                      std::vector<std::string>& made,
                      const std::string& base) {
  constexpr mode_t kAll = 0777;
  Parent parent = open_parent(path, base);
  if (!parent && errno == ENOENT && path.size() > 1) {
    make_directories(parent_of(path), made, base);
    parent = open_parent(path, base);
  }
  if (parent && mkdirat(parent.directory.get(), parent.name.c_str(), kAll) == 0) {
    made.push_back(path);
  } else if (!parent || errno != EEXIST) {
    fail("cannot make the directory", path);
  }
}

void copy_tree(const std::string& from, const std::string& to, const std::string& base) {
  const Move move(from, to, base);
  struct stat info {};
  if (!move.to ||
      fstatat(move.from.directory.get(), move.from.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
      !copy_entry(move.from, move.to, info)) {
    fail("cannot copy to", to);
  }
}

void remove_tree(const std::string& path, const std::string& base) noexcept {
  const Parent parent = parent_or_none(path, base);
  if (!parent || unlinkat(parent.directory.get(), parent.name.c_str(), AT_REMOVEDIR) == 0) return;
  try {
    if (errno != ENOENT) remove_entry(parent.directory.get(), parent.name.c_str());
  } catch (const std::exception&) {
    // What cannot be read stays.
  }
}

void remove_file(const std::string& path, const std::string& base) noexcept {
  const Parent parent = parent_or_none(path, base);
  if (parent) unlinkat(parent.directory.get(), parent.name.c_str(), 0);
}

void remove_directory(const std::string& path, const std::string& base) noexcept {
  const Parent parent = parent_or_none(path, base);
  if (parent) unlinkat(parent.directory.get(), parent.name.c_str(), AT_REMOVEDIR);
}

std::vector<std::string> entries(const std::string& directory) {
  const Descriptor opened = open_to_list(directory);
  if (!opened) return {};
  std::vector<std::string> names = names_in(opened.get());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> tree_below(const std::string& directory) {
  std::vector<std::string> paths;
  const Descriptor opened = open_to_list(directory);
  if (opened) add_below(opened.get(), directory, paths);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace wfr
