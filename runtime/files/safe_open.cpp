// openat2 where it knows the answer at once, and else each component by itself.
#include "runtime/files/safe_open.hpp"

#include "runtime/files/holder.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {
namespace {

// The last component first.
void push_components(std::string_view path, std::vector<std::string>& rest) {
  std::size_t end = path.size();
  while (end > 0) {
    const std::size_t slash = path.rfind('/', end - 1);
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    if (begin < end) rest.emplace_back(path.substr(begin, end - begin));
    end = slash == std::string_view::npos ? 0 : slash;
  }
}

// Where the name of a holder is in a path, as the end of that component; npos when there is none.
std::size_t end_of_holder(std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (path.substr(slash + 1, kHolderPrefix.size()) == kHolderPrefix) {
      return std::min(path.find('/', slash + 1), path.size());
    }
  }
  return std::string_view::npos;
}

[[noreturn]] void refuse_component(const std::string& path, const std::string& name) {
  throw UnsafePathError(
      fmt::format("`{}/{}` is a link: an output is never written through one; remove it, or name "
                  "the directory that it leads to",
                  path,
                  name));
}

// Below an open directory, and never through a link. `path`: relative; `above`: for messages.
Descriptor open_below(Descriptor directory, std::string_view path, std::string above) {
  if (path.empty()) return directory;
  const std::string whole(path);
  Descriptor found = open_without_links(directory.get(), whole, O_PATH | O_DIRECTORY, true);
  if (found || (errno != ELOOP && errno != ENOSYS && errno != EPERM && errno != EAGAIN))
    return found;
  std::vector<std::string> rest;
  push_components(path, rest);
  for (; directory && !rest.empty(); rest.pop_back()) {
    const std::string& name = rest.back();
    struct stat info {};
    constexpr int kToLook = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    // As a directory first: so one that is mounted when it is entered is mounted.
    Descriptor next(openat(directory.get(), name.c_str(), kToLook | O_DIRECTORY));
    if (!next && errno == ENOTDIR)
      next = Descriptor(openat(directory.get(), name.c_str(), kToLook));
    directory = std::move(next);
    if (directory && fstat(directory.get(), &info) == 0 && S_ISLNK(info.st_mode)) {
      refuse_component(above, name);
    }
    above += "/" + name;
  }
  return directory;
}

void check_is_holder(const Descriptor& directory, const std::string& path) {
  struct stat info {};
  if (!directory || fstat(directory.get(), &info) != 0 || is_holder(info)) return;
  throw UnsafePathError(fmt::format(
      "`{}` is not a directory that this run has made ({} did): it is left alone; remove it",
      path,
      owner_text(info.st_uid)));
}

Descriptor open_directory_of(const std::string& directory, const std::string& base) {
  const bool inside = !base.empty() && directory.size() > base.size() + 1 &&
                      directory.compare(0, base.size(), base) == 0 && directory[base.size()] == '/';
  if (!inside) return open_path(directory, true);
  return open_below(
      open_path(base, true), std::string_view(directory).substr(base.size() + 1), base);
}

}  // namespace

UnsafePathError::UnsafePathError(const std::string& what)
    : std::system_error(ELOOP, std::generic_category()), text_(what) {}

Descriptor open_path(const std::string& path, bool directory) {
  std::optional<ForeignLink> link;
  Descriptor found = open_by_rule(path, "", O_PATH | (directory ? O_DIRECTORY : 0), link);
  if (link) {
    throw UnsafePathError(
        fmt::format("`{}` {}; {}", path, foreign_link_text(*link), kForeignLinkHelp));
  }
  return found;
}

Parent open_parent(const std::string& path, const std::string& base) {
  const std::size_t slash = path.rfind('/');
  Parent parent;
  parent.name = path.substr(slash + 1);
  const std::string directory = slash == 0 ? "/" : path.substr(0, slash);
  const std::size_t end = end_of_holder(directory);
  if (end == std::string::npos) {
    parent.directory = open_directory_of(directory, base);
    return parent;
  }
  const std::string holder = directory.substr(0, end);
  const std::string outer = holder.substr(0, holder.rfind('/'));
  Descriptor held = open_below(open_directory_of(outer.empty() ? "/" : outer, base),
                               std::string_view(holder).substr(outer.size() + 1),
                               outer);
  check_is_holder(held, holder);
  if (held && end < directory.size()) {
    held = open_below(std::move(held), std::string_view(directory).substr(end + 1), holder);
  }
  parent.directory = std::move(held);
  return parent;
}

Parent parent_or_none(const std::string& path, const std::string& base) noexcept {
  try {
    return open_parent(path, base);
  } catch (const std::exception&) {
    return {};
  }
}

Descriptor open_inner_directory(int directory, const char* name) {
  return Descriptor(openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace wfr
