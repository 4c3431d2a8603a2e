// The way to a file, looked at component by component where the kernel finds a link on it.
#include "runtime/files/links.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wfr {
namespace {

// As the kernel does it.
constexpr int kMostLinks = 40;
constexpr int kToLook = O_PATH | O_CLOEXEC;
std::string_view take_component(std::string_view& path) {
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(component.size() == path.size() ? path.size() : component.size() + 1);
  return component;
}

std::string read_link(int link) {
  std::array<char, PATH_MAX> text{};
  const ssize_t length = readlinkat(link, "", text.data(), text.size());
  return length < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
}

// A walk that holds each directory on the way, so that nobody can exchange it behind its back.
class LinkWalk {
 public:
  // What `path` leads to, from an open directory on. Not good where it leads nowhere, with errno,
  // or where a foreign link is on the way.
  Descriptor follow(int directory, std::string_view path, std::string shown) {
    Descriptor held;
    int at = directory;
    while (!path.empty()) {
      const std::string name(take_component(path));
      if (name.empty() || name == ".") continue;
      if (!shown.empty() && shown.back() != '/') shown += '/';
      shown += name;
      // As a directory first: so one that is mounted when it is entered is mounted.
      Descriptor next(openat(at, name.c_str(), kToLook | O_NOFOLLOW | O_DIRECTORY));
      if (!next && errno == ENOTDIR) {
        next = Descriptor(openat(at, name.c_str(), kToLook | O_NOFOLLOW));
      }
      struct stat info {};
      if (!next || fstat(next.get(), &info) != 0) return Descriptor();
      if (S_ISLNK(info.st_mode)) next = behind(at, next, info.st_uid, shown);
      if (!next) return Descriptor();
      held = std::move(next);
      at = held.get();
    }
    if (!held) held = Descriptor(openat(directory, ".", kToLook));
    return held;
  }

  [[nodiscard]] std::optional<ForeignLink>& foreign() { return foreign_; }

 private:
  Descriptor behind(int directory, const Descriptor& link, uid_t owner, const std::string& shown) {
    const std::string text = read_link(link.get());
    if (text.empty() || ++links_ > kMostLinks) {
      errno = text.empty() ? ENOENT : ELOOP;
      return Descriptor();
    }
    const bool absolute = text.front() == '/';
    const Descriptor top(absolute ? open("/", kToLook) : -1);
    const std::string above =
        absolute ? "/" : shown.substr(0, shown.find_last_of('/') + 1);  // "" without a '/'
    Descriptor target = follow(absolute ? top.get() : directory, text, above);
    struct stat info {};
    if (!target || owner == 0 || owner == geteuid()) return target;
    if (fstat(target.get(), &info) == 0 && info.st_uid == owner) return target;
    foreign_ = ForeignLink{shown, owner, info.st_uid};
    errno = ELOOP;
    return Descriptor();
  }

  int links_ = 0;
  std::optional<ForeignLink> foreign_;
};

// The user's own part of a path, and the rest of it.
struct Way {
  std::string base;  // "" is the working directory
  std::string rest;  // "" is the base itself
};

Way way_to(const std::string& path, const std::string& base) {
  if (path == base) return {base, ""};
  const bool slash = base.ends_with('/');
  const bool below = !base.empty() && path.starts_with(base) && (slash || path[base.size()] == '/');
  if (below) return {base, path.substr(base.size() + (slash ? 0 : 1))};
  return path.starts_with('/') ? Way{"/", path.substr(1)} : Way{"", path};
}

}  // namespace

Descriptor open_without_links(int directory, const std::string& path, int flags, bool beneath) {
  struct open_how how {};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_NO_SYMLINKS | (beneath ? RESOLVE_BENEATH : 0U);
  return Descriptor(
      static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how))));
}

Descriptor open_by_rule(const std::string& path,
                        const std::string& base,
                        int flags,
                        std::optional<ForeignLink>& link) {
  const Way way = way_to(path, base);
  flags |= O_CLOEXEC;
  if (way.rest.empty()) return Descriptor(open(path.c_str(), flags));
  // Nearly always there is no link at all, not even in the base.
  Descriptor found = open_without_links(AT_FDCWD, path, flags);
  // Kernels before 5.6 do not have the call, some containers forbid it, and a name that is
  // changed at this moment can make it fail.
  const bool known = errno != ELOOP && errno != ENOSYS && errno != EPERM && errno != EAGAIN;
  if (found || known) return found;
  const Descriptor from(way.base.empty() ? -1 : open(way.base.c_str(), kToLook | O_DIRECTORY));
  if (!way.base.empty() && !from) return Descriptor();
  if (from) found = open_without_links(from.get(), way.rest, flags);
  if (found) return found;
  LinkWalk walk;
  found = walk.follow(way.base.empty() ? AT_FDCWD : from.get(), way.rest, way.base);
  link = walk.foreign();
  if (!found || ((flags & O_PATH) != 0 && (flags & O_DIRECTORY) == 0)) return found;
  // The very thing that was found, whatever its name leads to by now.
  return Descriptor(open(fmt::format("/proc/self/fd/{}", found.get()).c_str(), flags));
}

std::optional<ForeignLink> foreign_link(const std::string& path, const std::string& base) {
  std::optional<ForeignLink> link;
  open_by_rule(path, base, kToLook, link);
  return link;
}

std::optional<ForeignLink> foreign_link_at(int directory,
                                           const std::string& name,
                                           std::string shown) {
  LinkWalk walk;
  const std::size_t slash = shown.find_last_of('/');
  shown.resize(slash == std::string::npos ? 0 : slash + 1);
  walk.follow(directory, name, std::move(shown));
  return walk.foreign();
}

std::string foreign_link_text(const ForeignLink& link) {
  return fmt::format(
      "goes through the link `{}`, which belongs to {} and leads to what belongs to {}",
      link.path,
      owner_text(link.owner),
      owner_text(link.target_owner));
}

std::string foreign_link_problem(const std::string& path, const std::string& base) {
  const std::optional<ForeignLink> link = foreign_link(path, base);
  if (!link) return {};
  return fmt::format("{}; {}", foreign_link_text(*link), kForeignLinkHelp);
}

std::string owner_text(uid_t owner) {
  return owner == 0 ? "root" : fmt::format("user {}", owner);
}

}  // namespace wfr
