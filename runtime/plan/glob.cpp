// Patterns of paths: glob(3), and `**` for any number of directories.
#include "runtime/plan/expand.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

namespace wfr {
namespace {

// Entries of directories that a pattern meets again by another link. There are trees in which many
// links lead to one place, but no use for so many of them.
constexpr std::size_t kMostMetAgain = 1'000'000;

std::string_view take_component(std::string_view& path) {
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), component.size() + 1));
  return component;
}

// The name that a component stands for, or nothing when it has a wildcard in it.
bool is_literal(std::string_view component, std::string& name) {
  name.clear();
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (std::string_view("*?[").find(component[i]) != std::string_view::npos) return false;
    if (component[i] == '\\' && i + 1 < component.size()) ++i;
    name += component[i];
  }
  return true;
}

bool is_directory(const std::string& path, bool follow) {
  struct stat info {};
  const int failed = follow ? ::stat(path.c_str(), &info) : ::lstat(path.c_str(), &info);
  return failed == 0 && S_ISDIR(info.st_mode);
}

bool is_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

// Component by component, as glob(3) does it; but no directory is looked at within itself, and no
// link of another user is followed.
class Search {
 public:
  explicit Search(std::string base) : base_(std::move(base)) {}

  // What matches `rest` from the directory `at` on, which ends with a '/'.
  void look(const std::string& at, std::string_view rest) { look(at, rest, nullptr); }

  [[nodiscard]] const GlobTrouble& trouble() const { return trouble_; }
  std::vector<std::string> found;

 private:
  // A directory that was read on the way.
  struct Directory {
    dev_t device;
    ino_t inode;
    const Directory* above;
    [[nodiscard]] bool is(const struct stat& info) const {
      return device == info.st_dev && inode == info.st_ino;
    }
  };

  void look(const std::string& at, std::string_view rest, const Directory* above) {
    const std::string component(take_component(rest));
    std::string name;
    if (component.empty() && !rest.empty()) return look(at, rest, above);
    if (component == "**") return look_everywhere(at, rest, above);
    if (!is_literal(component, name)) return look_at_names(at, component, rest, above);
    if (!rest.empty()) return look(at + name + "/", rest, above);
    if (is_there(at + name)) found.push_back(at + name);
  }

  // `**`: at `at` and at every directory below it.
  void look_everywhere(const std::string& at, std::string_view rest, const Directory* above) {
    // Several in a row mean the same as one.
    while (rest == "**" || rest.starts_with("**/")) take_component(rest);
    std::vector<std::string> directories{at};
    std::vector<std::string> files;
    walk(at, rest.size(), directories, files);
    if (rest.empty()) found.insert(found.end(), files.begin(), files.end());
    if (rest.empty()) return;
    for (const std::string& directory : directories) look(directory, rest, above);
  }

  void look_at_names(const std::string& at,
                     const std::string& component,
                     std::string_view rest,
                     const Directory* above) {
    std::vector<std::string> below;
    Descriptor directory = open(at);
    struct stat info {};
    if (!directory || ::fstat(directory.get(), &info) != 0) return;
    for (const Directory* on_the_way = above; on_the_way != nullptr;
         on_the_way = on_the_way->above) {
      if (on_the_way->is(info)) return;
    }
    const bool again = !seen_.insert({info.st_dev, info.st_ino, 2 * rest.size()}).second;
    read(std::move(directory), again, [&](const dirent& entry) {
      if (fnmatch(component.c_str(), entry.d_name, FNM_PERIOD) != 0) return;
      if (rest.empty()) {
        found.push_back(at + entry.d_name);
      } else if (entry.d_type == DT_DIR || entry.d_type == DT_LNK || entry.d_type == DT_UNKNOWN) {
        below.push_back(at + entry.d_name + "/");
      }
    });
    const Directory own{info.st_dev, info.st_ino, above};
    for (const std::string& path : below) {
      if (!ended()) look(path, rest, &own);
    }
  }

  // Everything below a directory but what is hidden, and what lies behind links.
  void walk(const std::string& at,
            std::size_t rest,
            std::vector<std::string>& directories,
            std::vector<std::string>& files) {
    std::vector<std::string> below;
    Descriptor directory = open(at);
    struct stat info {};
    if (!directory || ::fstat(directory.get(), &info) != 0) return;
    const bool again = !seen_.insert({info.st_dev, info.st_ino, 2 * rest + 1}).second;
    read(std::move(directory), again, [&](const dirent& entry) {
      if (entry.d_name[0] == '.') return;
      std::string path = at + entry.d_name;
      const bool known = entry.d_type != DT_UNKNOWN;
      if (known ? entry.d_type == DT_DIR : is_directory(path, false)) {
        below.push_back(path + "/");
      } else if (!is_directory(path, true)) {
        files.push_back(std::move(path));
      }
    });
    for (std::string& path : below) {
      if (ended()) return;
      directories.push_back(path);
      walk(path, rest, directories, files);
    }
  }

  Descriptor open(const std::string& at) {
    std::optional<ForeignLink> link;
    Descriptor directory = open_directory(at, base_, link);
    if (link) {
      if (!trouble_.link) trouble_.link = link;
    } else if (!directory && errno != ENOENT && errno != ENOTDIR) {
      trouble_.error = errno;
    }
    return directory;
  }

  [[nodiscard]] bool ended() const { return met_again_ > kMostMetAgain; }

  template <typename Use>
  void read(Descriptor directory, bool again, const Use& use) {
    DIR* stream = ::fdopendir(directory.get());
    if (stream == nullptr) return;
    directory.release();
    while (const dirent* entry = ::readdir(stream)) {
      if (again && ++met_again_ > kMostMetAgain) trouble_.error = ELOOP;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") use(*entry);
    }
    ::closedir(stream);
  }

  std::string base_;
  GlobTrouble trouble_;
  // With twice the bytes of the pattern behind it; one more for a `**`.
  std::set<std::tuple<dev_t, ino_t, std::size_t>> seen_;
  std::size_t met_again_ = 0;
};

}  // namespace

bool pattern_matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    const std::string component(take_component(pattern));
    if (component == "**") {
      if (pattern.empty()) {
        // Every file below: no component of it is hidden.
        return !path.empty() && !path.starts_with('.') && path.find("/.") == std::string_view::npos;
      }
      while (true) {
        if (pattern_matches(pattern, path)) return true;
        if (path.empty() || path.starts_with('.')) return false;
        take_component(path);
      }
    }
    if (path.empty()) return false;
    const std::string name(take_component(path));
    if (fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) != 0) return false;
  }
  return path.empty();
}

std::vector<std::string> resolve_glob(const std::filesystem::path& root,
                                      const std::string& pattern,
                                      GlobTrouble* trouble) {
  const bool absolute = pattern.starts_with('/');
  const std::string prefix = absolute ? "" : root.string() + "/";
  Search search(root.string());
  search.look(absolute ? "/" : prefix, absolute ? std::string_view(pattern).substr(1) : pattern);
  if (trouble != nullptr) *trouble = search.trouble();
  std::vector<std::string> found = std::move(search.found);
  for (std::string& path : found) path.erase(0, prefix.size());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<std::string> resolve_input_glob(const std::filesystem::path& root,
                                            const std::string& pattern,
                                            const std::filesystem::path& out,
                                            GlobTrouble* trouble) {
  std::vector<std::string> found = resolve_glob(root, pattern, trouble);
  const std::string from_root = out.lexically_relative(root).string();
  // Where the data lie in the out directory, they are what is meant.
  const bool around = root.string().starts_with(out.string() + "/") || root == out;
  if (out.empty() || around) return found;
  const auto inside = [&](const std::string& path) {
    const std::string& place = path.starts_with('/') ? out.native() : from_root;
    return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
  };
  found.erase(std::remove_if(found.begin(), found.end(), inside), found.end());
  return found;
}

}  // namespace wfr
