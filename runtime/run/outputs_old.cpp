// What a task owns from earlier attempts: out of the way while it runs, back when it fails, gone
// when it succeeds; and what an attempt that was killed in between has left of both.
#include "runtime/files/holder.hpp"
#include "runtime/files/safe_open.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// No output is called so.
constexpr std::string_view kOld = ".wfr.old";
constexpr std::string_view kMark = ".wfr.made.";

bool is_kept_name(const std::string& name) {
  return name == kOld || name.compare(0, kMark.size(), kMark) == 0;
}

// What a mark says: which file. Not of which disk: that has another number on each machine.
std::string identity(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return {};
  return std::to_string(info.st_ino);
}

std::string link_text(const std::string& path) {
  std::string text(64, '\0');
  const ssize_t size = readlink(path.c_str(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

// Of a directory, without the '/' behind it.
std::string bare(const std::string& directory) {
  return directory.substr(0, directory.size() - 1);
}

// Has come or changed since: by somebody else, then.
bool is_newer(const std::string& path, const std::string& mark) {
  struct stat its {};
  struct stat then {};
  if (lstat(path.c_str(), &its) != 0 || lstat(mark.c_str(), &then) != 0) return true;
  return std::pair(its.st_ctim.tv_sec, its.st_ctim.tv_nsec) >
         std::pair(then.st_ctim.tv_sec, then.st_ctim.tv_nsec);
}

}  // namespace

bool has_old(const std::string& held) {
  return stands(fmt::format("{}/{}", held, kOld));
}

std::string mark_of(const std::string& held, const std::string& name) {
  return fmt::format("{}/{}{}", held, kMark, name);
}

bool set_mark(const std::string& mark, const std::string& file, const std::string& base) {
  const Parent parent = open_parent(mark, base);
  return parent &&
         symlinkat(identity(file).c_str(), parent.directory.get(), parent.name.c_str()) == 0;
}

bool is_marked(const std::string& mark, const std::string& file) noexcept {
  const std::string text = link_text(mark);
  return !text.empty() && text == identity(file);
}

bool is_installed(const TaskOutput& output, const std::string& tag) {
  std::string foreign;
  const std::string held =
      holder_in(parent_of(output.path), fmt::format("{}{}", kHolderPrefix, tag), foreign);
  const std::string name = base_name(output.path);
  return is_holder(held) &&
         (same_file(held + "/" + name, output.path) || is_marked(mark_of(held, name), output.path));
}

std::string place_of_holder(const TaskOutput& output) {
  const bool many = output.kind == OutputKind::Glob && !literal_of(parent_of(output.pattern));
  return many ? literal_directory(output) : parent_of(output.path);
}

// Directories of the task itself come and go with their content, so nothing is kept in them.
std::string OutputFiles::directory_of_holder(const std::string& path) const {
  std::string directory = parent_of(path);
  while (directory.size() > own_.directory.size() && own_.paths.count(directory + "/") > 0) {
    directory = parent_of(directory);
  }
  return directory;
}

std::string OutputFiles::old_place(const std::string& path) const {
  const std::string directory = directory_of_holder(path);
  return fmt::format("{}/{}/{}", holder_at(directory), kOld, path.substr(directory.size() + 1));
}

// Where a killed attempt may have left one.
void OutputFiles::find_holders() {
  std::set<std::string> places;
  for (const TaskOutput& output : outputs_) places.insert(place_of_holder(output));
  const bool globs = std::any_of(outputs_.begin(), outputs_.end(), [](const TaskOutput& output) {
    return output.kind == OutputKind::Glob && !output.temporary;
  });
  if (own_.open || globs) {
    for (const std::string& path : own_.paths) {
      if (path.back() != '/') places.insert(directory_of_holder(path));
    }
  }
  for (const std::string& directory : places) look_for_holder(directory);
  if (!held_.empty() && is_holder(private_holder())) use_holder(private_holder());
}

// What was renamed in, and is known by the holder to be the same file, was not recorded any more.
void OutputFiles::own_installed() {
  for (const std::string& held : holders_) {
    for (const std::string& name : entries(held)) {
      const std::string place = parent_of(held) + "/" + name;
      if (!is_kept_name(name) && same_file(held + "/" + name, place)) own_.paths.insert(place);
      if (name.compare(0, kMark.size(), kMark) != 0) continue;
      const std::string mark = held + "/" + name;
      const std::string marked = parent_of(held) + "/" + name.substr(kMark.size());
      if (!is_marked(mark, marked)) continue;
      if (!is_directory(marked)) {
        own_.paths.insert(marked);
        continue;
      }
      own_.paths.insert(marked + "/");
      for (const std::string& inner : tree_below(marked)) {
        if (!is_newer(inner, mark)) own_.paths.insert(inner);
      }
    }
  }
}

void OutputFiles::settle_killed(unsigned attempt) {
  find_holders();
  if (holders_.empty() && !own_.open) return;
  own_installed();
  const unsigned before = attempt > 1 ? attempt - 1 : 1;
  Leftovers leftovers(failed_, own_.open ? own_.attempt : before, own_.directory);
  if (own_.open) {
    for (const TaskOutput& output : outputs_) {
      if (!output.temporary) put_away_made(output, leftovers);
    }
  }
  // Of one that was recorded as done the old results are of no use any more.
  if (own_.done) {
    remove_old();
  } else {
    bring_all_back(leftovers);
  }
  remove_holders();
  holders_.clear();
  own_.open = false;
  own_.before.clear();
}

void OutputFiles::keep_old(const TaskOutput& output, const std::set<std::string>& but) {
  if (output.kind != OutputKind::Glob) {
    if (stands(output.path)) move_old(output.path);
    return;
  }
  for (const std::string& path : glob_matches(output)) {
    if (but.count(path) > 0) continue;
    if (!is_directory(path)) {
      if (own_.owns(path)) move_old(path);
      continue;
    }
    if (own_.owns(path + "/") && foreign_below(path, own_, 1).empty()) {
      move_old(path);
      continue;
    }
    // Somebody else's files are among them and stay.
    const std::vector<std::string> inside = tree_below(path);
    for (const std::string& inner : inside) {
      if (inner.back() != '/' && own_.owns(inner)) move_old(inner);
    }
    for (auto inner = inside.rbegin(); inner != inside.rend(); ++inner) {
      if (inner->back() == '/' && own_.owns(*inner)) remove_directory(bare(*inner), own_.directory);
    }
  }
  for (const std::string& path : wildcard_directories(output)) {
    if (own_.owns(path)) remove_directory(bare(path), own_.directory);
  }
}

// Whether the directory holds just what the task owns at `place`.
bool OutputFiles::owns_all_below(const std::string& directory, const std::string& place) const {
  const std::vector<std::string> inside = tree_below(directory);
  return std::all_of(inside.begin(), inside.end(), [&](const std::string& path) {
    return own_.owns(place + path.substr(directory.size()));
  });
}

void OutputFiles::move_old(const std::string& path) {
  const std::string to = old_place(path);
  make_holder_at(directory_of_holder(path));
  std::vector<std::string> ignored;
  make_directories(parent_of(to), ignored, own_.directory);
  rename_in(path, to, own_.directory);
  // Where it can no longer be exchanged, it is looked at once more.
  if (!is_directory(to) || owns_all_below(to, path)) return;
  rename_new(to, path, own_.directory);
  throw std::system_error(
      EBUSY, std::generic_category(), "somebody changes `" + path + "` while the task begins");
}

void OutputFiles::bring_back(const std::string& from, const std::string& to, Leftovers& leftovers) {
  for (const std::string& name : entries(from)) {
    const std::string kept = from + "/" + name;
    const std::string place = to + "/" + name;
    if (stands(place)) {
      if (is_directory(kept) && is_directory(place)) {
        bring_back(kept, place, leftovers);
        continue;
      }
      put_away(place, leftovers);
    }
    if (!rename_new(kept, place, own_.directory)) {
      throw std::system_error(
          EEXIST, std::generic_category(), "cannot bring `" + kept + "` back to `" + place + "`");
    }
  }
}

// What the task does not own, somebody has put among the old results: it is kept.
void OutputFiles::remove_old() {
  for (const std::string& held : holders_) {
    const std::string old = fmt::format("{}/{}", held, kOld);
    if (!is_directory(old)) continue;
    std::vector<std::string> inside = tree_below(old);
    for (auto path = inside.rbegin(); path != inside.rend(); ++path) {
      if (path->back() == '/') {
        remove_directory(bare(*path), own_.directory);
      } else if (own_.owns(parent_of(held) + path->substr(old.size()))) {
        remove_file(*path, own_.directory);
      }
    }
    remove_directory(old, own_.directory);
    if (!stands(old)) continue;
    Leftovers leftovers(failed_, own_.attempt, own_.directory);
    leftovers.put(
        old, owned_name(own_.directory, parent_of(held)) + "/was-among-old-results", false);
  }
}

void OutputFiles::bring_all_back(Leftovers& leftovers) {
  for (const std::string& held : holders_) {
    const std::string old = fmt::format("{}/{}", held, kOld);
    if (is_directory(old)) bring_back(old, parent_of(held), leftovers);
  }
}

}  // namespace wfr
