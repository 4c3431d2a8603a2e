// Temporary siblings, renames and fsync: an output is under its final name whole or not at all.
#include "runtime/run/outputs.hpp"

#include "runtime/plan/expand.hpp"
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

bool exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

// Exists and is of the declared kind.
bool is_made(const std::string& path, OutputKind kind) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return false;
  const bool directory = S_ISDIR(info.st_mode);
  return (kind == OutputKind::Directory) == directory;
}

// Itself, not what a link in its place leads to.
bool is_directory(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
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

// A directory cannot be renamed over one that has entries: then the two change places, and the old
// one goes with the temporaries.
void rename_in(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return;
  if (errno != ENOTEMPTY && errno != EEXIST && errno != EISDIR && errno != ENOTDIR) {
    fail("cannot rename to", to);
  }
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("cannot rename to", to);
  rename_in_two(from, to);
}

// mkdir -p; what was made is appended to `made`.
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

}  // namespace

std::vector<TaskOutput> declared_outputs(const Plan& plan, const std::string& root, Task task) {
  const StepSpec& step = plan.step(task.step);
  std::vector<TaskOutput> outputs;
  for (OutputPath& declared : task_outputs(plan, task)) {
    const OutputSpec& spec = step.outputs[declared.spec];
    TaskOutput output;
    output.path = below(root, declared.path);
    output.name = spec.name;
    output.kind = spec.kind;
    output.temporary = spec.mentioned || step.command == CommandKind::Kernel;
    output.lasting = !step.in_scratch;
    output.spec = declared.spec;
    output.node = declared.node;
    if (spec.kind == OutputKind::Glob) {
      output.pattern = below(escape_glob(root), declared.path);
      // A temporary needs one directory to lie in; files of many directories are written in place.
      const std::optional<std::string> directory = literal_of(parent_of(output.pattern));
      output.temporary = output.temporary && directory;
      output.path = directory.value_or(parent_of(output.pattern)) + "/" + base_name(output.pattern);
    }
    output.relative = std::move(declared.path);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

OutputFiles::OutputFiles(std::string tag, std::vector<TaskOutput> outputs, SpareDirectories* spares)
    : tag_(std::move(tag)), spares_(spares), outputs_(std::move(outputs)) {
  for (const TaskOutput& output : outputs_) {
    const std::string held = holder(output);
    targets_.push_back(output.temporary ? held + "/" + base_name(output.path) : output.path);
    if (std::find(holders_.rbegin(), holders_.rend(), held) == holders_.rend()) {
      holders_.push_back(held);
    }
  }
}

std::string OutputFiles::holder(const TaskOutput& output) const {
  return parent_of(output.path) + "/.wfr." + tag_;
}

void OutputFiles::prepare(unsigned attempt) {
  // What an attempt that was killed has left; only it can have been here: a task has one owner.
  if (std::any_of(holders_.begin(), holders_.end(), exists)) {
    bring_back(attempt > 0 ? attempt - 1 : 0);
    remove_holders();
  }
  for (const TaskOutput& output : outputs_) {
    const std::string held = holder(output);
    if (output.temporary) {
      if (make_holder(held) || (errno == EEXIST && is_directory(held))) continue;
      if (errno != ENOENT) fail("cannot make the directory", held);
      make_directories(parent_of(output.path), made_parents_);
      if (!make_holder(held)) fail("cannot make the directory", held);
      continue;
    }
    make_directories(parent_of(output.path), made_parents_);
    keep_old(output);
  }
}

void OutputFiles::keep_old(const TaskOutput& output) {
  const std::vector<std::string> old = output.kind == OutputKind::Glob ? matches(output.pattern)
                                       : exists(output.path) ? std::vector<std::string>{output.path}
                                                             : std::vector<std::string>{};
  for (const std::string& path : old) {
    const std::string held = parent_of(path) + "/.wfr." + tag_;
    std::vector<std::string> ignored;
    make_directories(held + "/old", ignored);
    if (std::find(holders_.begin(), holders_.end(), held) == holders_.end()) {
      holders_.push_back(held);
    }
    rename_in(path, held + "/old/" + base_name(path));
  }
}

std::vector<std::string> OutputFiles::made(std::size_t i) const {
  const TaskOutput& output = outputs_[i];
  if (output.kind != OutputKind::Glob) {
    return is_made(targets_[i], output.kind) ? std::vector<std::string>{targets_[i]}
                                             : std::vector<std::string>{};
  }
  if (!output.temporary) return matches(output.pattern);
  return matches(escape_glob(holder(output)) + "/" + base_name(output.pattern));
}

std::vector<std::string> OutputFiles::directories() const {
  std::vector<std::string> found;
  for (const std::string& held : holders_) found.push_back(parent_of(held));
  return found;
}

void OutputFiles::begin_flush() const noexcept {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const bool file = outputs_[i].kind == OutputKind::File;
    if (file && outputs_[i].lasting) wfr::begin_flush(targets_[i]);
  }
}

std::string OutputFiles::install(const Journal& log) {
  std::vector<std::vector<std::string>> files(outputs_.size());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    files[i] = made(i);
    if (files[i].empty()) return outputs_[i].relative;
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!outputs_[i].lasting) continue;
    for (const std::string& file : files[i]) flush_tree(file, log);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!outputs_[i].temporary) continue;
    // Files of an earlier run that this one has not made again would still match.
    if (outputs_[i].kind == OutputKind::Glob) keep_old(outputs_[i]);
    const std::string directory = parent_of(outputs_[i].path);
    for (const std::string& file : files[i]) rename_in(file, directory + "/" + base_name(file));
  }
  remove_holders();
  return {};
}

void OutputFiles::bring_back(unsigned attempt) noexcept {
  std::error_code ignored;
  for (const std::string& held : holders_) {
    for (const std::string& name : entries(held + "/old")) {
      const std::string place = parent_of(held) + "/" + name;
      if (exists(place)) {
        const std::string aside = place + ".failed-" + std::to_string(attempt);
        fs::remove_all(aside, ignored);
        fs::rename(place, aside, ignored);
      }
      fs::rename(fs::path(held) / "old" / name, place, ignored);
    }
  }
}

void OutputFiles::discard(unsigned attempt) noexcept {
  std::error_code ignored;
  for (const TaskOutput& output : outputs_) {
    if (output.temporary) continue;
    std::vector<std::string> partial;
    if (output.kind == OutputKind::Glob) {
      partial = matches(output.pattern);
    } else if (exists(output.path)) {
      partial.push_back(output.path);
    }
    for (const std::string& path : partial) {
      const std::string aside = path + ".failed-" + std::to_string(attempt);
      fs::remove_all(aside, ignored);
      fs::rename(path, aside, ignored);
    }
  }
  bring_back(attempt);
  remove_holders();
  for (auto it = made_parents_.rbegin(); it != made_parents_.rend(); ++it) rmdir(it->c_str());
}

bool OutputFiles::make_holder(const std::string& held) {
  return spares_ != nullptr ? spares_->make(held) : mkdir(held.c_str(), 0777) == 0;
}

void OutputFiles::remove_holders() noexcept {
  for (const std::string& held : holders_) {
    if (spares_ != nullptr) {
      spares_->remove(held);
    } else {
      remove_tree(held);
    }
  }
}

}  // namespace wfr
