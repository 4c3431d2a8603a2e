// What an attempt has made in place: what was not there before, told apart by what was noted then.
#include "runtime/run/file_moves.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Of a directory when a name in it was made or removed last.
Standing standing_at(const std::string& path) {
  Standing now{path, 0, 0, 0, 0};
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return now;
  if (path.back() == '/') {
    now.mtime_ns = nanoseconds(info.st_mtim);
    now.inode = info.st_ino;
    return now;
  }
  now.size = static_cast<std::uint64_t>(info.st_size);
  now.mtime_ns = nanoseconds(info.st_mtim);
  now.ctime_ns = nanoseconds(info.st_ctim);
  now.inode = info.st_ino;
  return now;
}

bool same(const Standing& a, const Standing& b) {
  // Not the change time: a second name or another mode is no other content.
  return a.size == b.size && a.mtime_ns == b.mtime_ns && a.inode == b.inode;
}

bool has_below(const std::map<std::string, Standing>& paths, const std::string& directory) {
  const auto first = paths.upper_bound(directory);
  return first != paths.end() && first->first.compare(0, directory.size(), directory) == 0;
}

}  // namespace

bool has_below(const std::set<std::string>& paths, const std::string& directory) {
  const auto first = paths.upper_bound(directory);
  return first != paths.end() && first->compare(0, directory.size(), directory) == 0;
}

std::vector<std::string> glob_matches(const TaskOutput& output) {
  std::vector<std::string> found = matches(output.pattern);
  found.erase(std::remove_if(found.begin(),
                             found.end(),
                             [](const std::string& path) {
                               return base_name(path).compare(0, 5, ".wfr.") == 0;
                             }),
              found.end());
  return found;
}

std::string literal_directory(const TaskOutput& output) {
  std::string pattern = parent_of(output.pattern);
  while (!literal_of(pattern)) pattern = parent_of(pattern);
  return *literal_of(pattern);
}

std::vector<std::string> wildcard_directories(const TaskOutput& output) {
  std::vector<std::string> found;
  for (std::string pattern = parent_of(output.pattern); !literal_of(pattern);
       pattern = parent_of(pattern)) {
    for (const std::string& path : matches(pattern)) {
      if (is_directory(path)) found.push_back(path + "/");
    }
  }
  return found;
}

void OutputFiles::note_standing(const TaskOutput& output) {
  const auto add = [this](const std::string& path) {
    if (!own_.owns(path)) own_.before.emplace(path, standing_at(path));
  };
  for (const std::string& path : wildcard_directories(output)) add(path);
  for (const std::string& path : glob_matches(output)) {
    if (!is_directory(path)) {
      add(path);
      continue;
    }
    add(path + "/");
    for (const std::string& inner : tree_below(path)) add(inner);
  }
}

// Made or changed since the attempt began.
bool OutputFiles::is_new(const std::string& path) const {
  if (inputs_.count(path) > 0) return false;
  const auto before = own_.before.find(path);
  if (before == own_.before.end()) return true;
  return path.back() != '/' && !same(before->second, standing_at(path));
}

// Of an earlier run, and not yet moved out of the way.
bool OutputFiles::is_original(const std::string& path) const {
  if (own_.everything) return false;
  return (own_.owns(path) || own_.owns(path + "/")) && !stands(old_place(path));
}

void OutputFiles::collect_made(const TaskOutput& output) {
  for (const std::string& path : glob_matches(output)) {
    if (!is_directory(path)) {
      if (is_new(path)) made_.insert(path);
      continue;
    }
    // What is made in a directory of somebody else is the task's, the directory is not.
    if (is_new(path + "/")) made_.insert(path + "/");
    for (const std::string& inner : tree_below(path)) {
      if (is_new(inner)) made_.insert(inner);
    }
  }
  for (const std::string& path : wildcard_directories(output)) {
    if (is_new(path) && has_below(made_, path)) made_.insert(path);
  }
}

// A file of somebody else that was changed meanwhile stays where it is.
void OutputFiles::put_away_made(const TaskOutput& output, Leftovers& leftovers) {
  const auto made = [this](const std::string& path) {
    return inputs_.count(path) == 0 && own_.before.count(path) == 0 && !is_original(path);
  };
  if (output.kind != OutputKind::Glob) {
    if (stands(output.path) && !is_original(output.path))
      put_away(output.path, leftovers, certain_);
    return;
  }
  const std::vector<std::string> between = wildcard_directories(output);
  std::set<std::string> taken;
  for (const std::string& path : glob_matches(output)) {
    if (!is_directory(path)) {
      if (!made(path)) continue;
      put_away(path, leftovers, certain_);
      taken.insert(path);
    } else {
      const bool mixed = own_.before.count(path + "/") > 0 || has_below(own_.before, path + "/") ||
                         is_original(path);
      if (mixed) {
        put_away_below(path, leftovers);
      } else {
        put_away(path, leftovers, certain_);
        taken.insert(path + "/");
      }
    }
  }
  // After a kill, one that has held nothing of the attempt's may as well be somebody else's.
  for (const std::string& path : between) {
    const bool its = certain_ || has_below(taken, path);
    if (its && own_.before.count(path) == 0) rmdir(path.c_str());
  }
}

void OutputFiles::put_away_below(const std::string& directory, Leftovers& leftovers) {
  for (const std::string& path : tree_below(directory)) {
    const bool inner = path.back() == '/';
    const std::string bare = inner ? path.substr(0, path.size() - 1) : path;
    const bool theirs = own_.before.count(path) > 0 || inputs_.count(bare) > 0;
    if (!stands(bare) || theirs || is_original(bare)) continue;
    if (!inner || !has_below(own_.before, path)) put_away(bare, leftovers, certain_);
  }
}

void OutputFiles::put_away(const std::string& path, Leftovers& leftovers, bool certain) {
  leftovers.put(path, owned_name(own_.directory, path), certain);
}

}  // namespace wfr
