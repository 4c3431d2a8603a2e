// Temporary siblings, renames and fsync: an output is under its final name whole or not at all.
#include "runtime/run/outputs.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// Enough for a message.
constexpr std::size_t kMostForeign = 4;

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " `" + path + "`");
}

// Exists and is of the declared kind.
bool is_made(const std::string& path, OutputKind kind) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return false;
  const bool directory = S_ISDIR(info.st_mode);
  return (kind == OutputKind::Directory) == directory;
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
    output.content = spec.content;
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

OutputFiles::OutputFiles(Settings settings, std::vector<TaskOutput> outputs)
    : tag_(std::move(settings.tag)),
      own_(std::move(settings.own)),
      inputs_(std::move(settings.inputs)),
      failed_(std::move(settings.failed)),
      spares_(settings.spares),
      outputs_(std::move(outputs)) {
  for (const TaskOutput& output : outputs_) {
    targets_.push_back(output.temporary ? holder(output) + "/" + base_name(output.path)
                                        : output.path);
  }
}

std::string OutputFiles::holder(const TaskOutput& output) const {
  return parent_of(output.path) + "/.wfr." + tag_;
}

bool OutputFiles::in_place() const {
  return std::any_of(
      outputs_.begin(), outputs_.end(), [](const TaskOutput& output) { return !output.temporary; });
}

void OutputFiles::look(unsigned attempt) {
  settle_killed(attempt);
  for (const TaskOutput& output : outputs_) {
    const std::vector<std::string> foreign = foreign_at(output, own_, kMostForeign);
    if (!foreign.empty()) throw OccupiedError(output, foreign);
  }
  for (const TaskOutput& output : outputs_) {
    if (output.kind == OutputKind::Glob && !output.temporary) note_standing(output);
  }
}

void OutputFiles::note_start(Record& start) const {
  start.open = true;
  start.owned = own_.names();
  for (const auto& [path, file] : own_.before) {
    start.before.push_back(file);
    start.before.back().path = owned_name(own_.directory, path);
  }
}

void OutputFiles::note_failure(Record& end) const {
  if (own_.open) {
    note_start(end);
  } else {
    end.owned = own_.names();
  }
}

void OutputFiles::prepare() {
  prepared_ = true;
  certain_ = true;
  for (const TaskOutput& output : outputs_) {
    if (output.temporary) {
      const std::string held = holder(output);
      use_holder(held);
      if (make_holder(held) || (errno == EEXIST && is_directory(held))) continue;
      if (errno != ENOENT) fail("cannot make the directory", held);
      make_directories(parent_of(output.path), made_parents_);
      if (!make_holder(held)) fail("cannot make the directory", held);
      continue;
    }
    const bool glob = output.kind == OutputKind::Glob;
    make_directories(glob ? literal_directory(output) : parent_of(output.path), made_parents_);
    keep_old(output, {});
  }
}

std::vector<std::string> OutputFiles::made_temporaries(std::size_t i) const {
  const TaskOutput& output = outputs_[i];
  if (output.kind != OutputKind::Glob) {
    return is_made(targets_[i], output.kind) ? std::vector<std::string>{targets_[i]}
                                             : std::vector<std::string>{};
  }
  TaskOutput temporary = output;
  temporary.pattern = escape_glob(holder(output)) + "/" + base_name(output.pattern);
  return glob_matches(temporary);
}

std::vector<std::string> OutputFiles::directories() const {
  std::set<std::string> found;
  for (const TaskOutput& output : outputs_) {
    if (output.kind != OutputKind::Glob) found.insert(parent_of(output.path));
  }
  for (const std::string& path : made_) {
    found.insert(parent_of(path.back() == '/' ? path.substr(0, path.size() - 1) : path));
  }
  return {found.begin(), found.end()};
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
    const TaskOutput& output = outputs_[i];
    if (output.temporary || output.kind != OutputKind::Glob) {
      files[i] = made_temporaries(i);
    } else {
      const std::size_t before = made_.size();
      collect_made(output);
      if (made_.size() == before) made_.clear();
      files[i].assign(made_.begin(), made_.end());
    }
    if (files[i].empty()) return output.relative;
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!outputs_[i].lasting) continue;
    for (const std::string& file : files[i]) {
      if (file.back() != '/') flush_tree(file, log);
    }
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].temporary) install_temporary(outputs_[i], files[i]);
  }
  return {};
}

void OutputFiles::install_temporary(const TaskOutput& output,
                                    const std::vector<std::string>& files) {
  const std::string directory = parent_of(output.path);
  if (output.kind != OutputKind::Glob) {
    // Somebody may have put something there since the attempt began.
    const std::vector<std::string> foreign = foreign_at(output, own_, kMostForeign);
    if (!foreign.empty()) throw OccupiedError(output, foreign);
    install_one(output, files[0], output.path);
    return;
  }
  std::set<std::string> places;
  std::vector<std::string> foreign;
  for (const std::string& file : files) {
    TaskOutput one = output;
    one.path = directory + "/" + base_name(file);
    one.kind = OutputKind::File;
    for (std::string& path : foreign_at(one, own_, 1)) foreign.push_back(std::move(path));
    places.insert(one.path);
  }
  if (!foreign.empty()) throw OccupiedError(output, foreign);
  // Files of an earlier run that this one has not made again would still match.
  keep_old(output, places);
  for (const std::string& file : files) {
    const std::string place = directory + "/" + base_name(file);
    install_one(output, file, place);
    if (!is_directory(place)) {
      made_.insert(place);
      continue;
    }
    made_.insert(place + "/");
    for (const std::string& inner : tree_below(place)) made_.insert(inner);
  }
}

// Until the success is on record, a second name or a mark in the holder says that what is new there
// is the task's.
void OutputFiles::install_one(const TaskOutput& output,
                              const std::string& file,
                              const std::string& place) {
  if (stands(place)) {
    rename_in(file, place);
    return;
  }
  if (!is_directory(file)) {
    if (link_new(file, place)) {
      marks_.emplace_back(file, place);
      return;
    }
    if (errno == EEXIST) throw OccupiedError(output, {place});
  }
  const std::string mark = mark_of(parent_of(file), base_name(file));
  if (set_mark(mark, file)) marks_.emplace_back(mark, place);
  if (!rename_new(file, place)) throw OccupiedError(output, {place});
}

void OutputFiles::release() noexcept {
  // An empty holder is kept for the next task.
  for (const auto& [mark, place] : marks_) unlink(mark.c_str());
  remove_holders();
}

// What install() had renamed in before something went wrong.
void OutputFiles::uninstall() {
  for (const auto& [mark, place] : marks_) {
    if (same_file(mark, place) || is_marked(mark, place)) remove_tree(place);
  }
}

std::vector<std::string> OutputFiles::former(const std::set<std::string>& but) const {
  std::vector<std::string> found;
  for (const std::string& path : own_.paths) {
    if (but.count(path) == 0 && own_.is_there(path)) found.push_back(path);
  }
  return found;
}

std::string OutputFiles::discard(unsigned attempt) noexcept {
  if (!prepared_) return {};
  try {
    Leftovers leftovers(failed_, attempt);
    uninstall();
    for (const TaskOutput& output : outputs_) {
      if (!output.temporary) put_away_made(output, leftovers);
    }
    bring_all_back(leftovers);
    remove_holders();
    for (auto it = made_parents_.rbegin(); it != made_parents_.rend(); ++it) rmdir(it->c_str());
    return leftovers.text();
  } catch (const std::exception& error) {
    // What is old is still in the holders, and the next attempt tries again.
    own_.open = true;
    return error.what();
  }
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
