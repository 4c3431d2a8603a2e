// What an attempt has made in place: what was not there before, told apart by what was noted then.
#include "runtime/files/holder.hpp"
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
                               return base_name(path).starts_with(kHolderPrefix);
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
  // The outer ones first. After a kill one that is empty may as well be somebody else's: it is
  // kept.
  for (auto path = between.rbegin(); path != between.rend(); ++path) {
    if (own_.before.count(*path) == 0 && holds_only_made(output, *path)) {
      put_away(path->substr(0, path->size() - 1), leftovers, certain_);
    }
  }
  for (const std::string& path : glob_matches(output)) {
    if (!is_directory(path)) {
      if (made(path)) put_away(path, leftovers, certain_);
    } else {
      const bool mixed = own_.before.count(path + "/") > 0 || has_below(own_.before, path + "/") ||
                         is_original(path);
      if (mixed) {
        put_away_below(path, leftovers);
      } else {
        put_away(path, leftovers, certain_);
      }
    }
  }
  for (const std::string& path : between) {
    if (certain_ && own_.before.count(path) == 0) {
      remove_directory(path.substr(0, path.size() - 1), own_.directory);
    }
  }
}

// Of a directory that was not there before: all in it matches the pattern, and is the attempt's.
bool OutputFiles::holds_only_made(const TaskOutput& output, const std::string& directory) const {
  if (!is_directory(directory.substr(0, directory.size() - 1)) || is_original(directory))
    return false;
  const std::vector<std::string> made = glob_matches(output);
  const auto known = [&](const std::string& path) {
    return path.back() == '/' || std::any_of(made.begin(), made.end(), [&](const std::string& one) {
             return path == one || path.compare(0, one.size() + 1, one + "/") == 0;
           });
  };
  const std::vector<std::string> inside = tree_below(directory.substr(0, directory.size() - 1));
  if (inside.empty()) return !certain_;
  return std::all_of(inside.begin(), inside.end(), [&](const std::string& path) {
    return known(path) && own_.before.count(path) == 0 && inputs_.count(path) == 0 &&
           !is_original(path);
  });
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
