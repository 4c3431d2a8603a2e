// Patterns of paths: glob(3), and `**` for any number of directories.
#include "runtime/plan/expand.hpp"

#include <algorithm>
#include <cerrno>

#include <dirent.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>

namespace wfr {
namespace {

std::string escaped(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

// Of a directory that is there and cannot be read. glob(3) has no room for a pointer of its
// caller's.
thread_local int unreadable = 0;

int keep_error(const char* /*path*/, int error) {
  if (error != ENOENT && error != ENOTDIR) unreadable = error;
  return 0;
}

void add_matches(const std::string& pattern, std::vector<std::string>& found) {
  glob_t matches{};
  if (::glob(pattern.c_str(), GLOB_NOSORT, keep_error, &matches) == 0) {
    found.insert(found.end(), matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
}

bool is_directory(const std::string& path, bool follow) {
  struct stat info {};
  const int failed = follow ? ::stat(path.c_str(), &info) : ::lstat(path.c_str(), &info);
  return failed == 0 && S_ISDIR(info.st_mode);
}

// Everything below a directory but what is hidden. `directory` ends with a '/' unless it is empty.
void walk(const std::string& directory,
          std::vector<std::string>& directories,
          std::vector<std::string>& files) {
  DIR* stream = ::opendir(directory.empty() ? "." : directory.c_str());
  if (stream == nullptr) {
    keep_error(nullptr, errno);
    return;
  }
  std::vector<std::string> below;
  while (const dirent* entry = ::readdir(stream)) {
    if (entry->d_name[0] == '.') continue;
    std::string path = directory + entry->d_name;
    const bool known = entry->d_type != DT_UNKNOWN;
    if (known ? entry->d_type == DT_DIR : is_directory(path, false)) {
      below.push_back(path + "/");
    } else if (!is_directory(path, true)) {
      files.push_back(std::move(path));
    }
  }
  ::closedir(stream);
  for (std::string& path : below) {
    directories.push_back(path);
    walk(path, directories, files);
  }
}

// The first component `**` of a pattern, as the place of its first star; npos when there is none.
std::size_t find_recursion(std::string_view pattern) {
  for (std::size_t at = 0; (at = pattern.find("**", at)) != std::string_view::npos; ++at) {
    const bool begins = at == 0 || pattern[at - 1] == '/';
    const bool ends = at + 2 == pattern.size() || pattern[at + 2] == '/';
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

void add_recursive(const std::string& pattern, std::vector<std::string>& found) {
  const std::size_t at = find_recursion(pattern);
  if (at == std::string::npos) return add_matches(pattern, found);
  std::string rest = at + 3 <= pattern.size() ? pattern.substr(at + 3) : "";
  // Several in a row mean the same as one.
  while (rest == "**" || rest.starts_with("**/")) rest.erase(0, 3);
  std::vector<std::string> tops;
  if (at == 0) {
    tops.emplace_back();
  } else {
    // With its '/' at the end the pattern matches directories alone.
    add_matches(pattern.substr(0, at), tops);
  }
  for (const std::string& top : tops) {
    std::vector<std::string> directories{top};
    std::vector<std::string> files;
    walk(top, directories, files);
    if (rest.empty()) {
      found.insert(found.end(), files.begin(), files.end());
      continue;
    }
    for (const std::string& directory : directories) {
      add_recursive(escaped(directory) + rest, found);
    }
  }
}

std::string_view take_component(std::string_view& path) {
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), component.size() + 1));
  return component;
}

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
                                      int* error) {
  unreadable = 0;
  const bool absolute = pattern.starts_with('/');
  const std::string prefix = absolute ? "" : root.string() + "/";
  std::vector<std::string> found;
  add_recursive(absolute ? pattern : escaped(prefix) + pattern, found);
  if (error != nullptr) *error = unreadable;
  for (std::string& path : found) path.erase(0, prefix.size());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<std::string> resolve_input_glob(const std::filesystem::path& root,
                                            const std::string& pattern,
                                            const std::filesystem::path& out,
                                            int* error) {
  std::vector<std::string> found = resolve_glob(root, pattern, error);
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
