// Temporary siblings, renames and fsync: an output is under its final name whole or not at all.
#include "runtime/run/outputs.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/files/safe_open.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <stdexcept>
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

// A file, a directory or a link that this user has made: nothing else is a result.
void check_made(const std::string& file) {
  const std::string path = file.back() == '/' ? file.substr(0, file.size() - 1) : file;
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) fail("cannot look at", path);
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !S_ISLNK(info.st_mode)) {
    throw std::runtime_error("the output `" + path + "` is neither a file nor a directory");
  }
  if (info.st_uid == geteuid()) return;
  throw std::runtime_error("the output `" + path + "` belongs to " + owner_text(info.st_uid) +
                           ": make it a copy");
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
      held_(std::move(settings.held)),
      spares_(settings.spares),
      outputs_(std::move(outputs)) {}

bool OutputFiles::in_place() const {
  return std::any_of(
      outputs_.begin(), outputs_.end(), [](const TaskOutput& output) { return !output.temporary; });
}

// That the directories of the outputs, as far as they are there, are what they seem.
void OutputFiles::check_places() const {
  if (!own_.directory.empty()) open_path(own_.directory, true);
  std::set<std::string> seen;
  for (const TaskOutput& output : outputs_) {
    if (!seen.insert(parent_of(output.path)).second) continue;
    const std::string way = on_the_way_to(output.path, own_.directory);
    if (!way.empty() && !own_.owns(way)) throw OccupiedError(output, {way});
    if (way.empty()) open_parent(output.path, own_.directory);
  }
}

void OutputFiles::look(unsigned attempt) {
  check_places();
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
    const std::string directory = parent_of(output.path);
    const std::string way = on_the_way_to(output.path, own_.directory);
    if (!way.empty() && own_.owns(way)) move_old(way);
    if (output.temporary) {
      std::string place = make_holder_at(directory);
      if (others_may_exchange(directory)) place = make_safe_place(directory, place);
      targets_.push_back(place + "/" + base_name(output.path));
      continue;
    }
    const bool glob = output.kind == OutputKind::Glob;
    make_directories(glob ? literal_directory(output) : directory, made_parents_, own_.directory);
    keep_old(output, {});
    targets_.push_back(output.path);
  }
}

std::vector<std::string> OutputFiles::made_temporaries(std::size_t i) const {
  const TaskOutput& output = outputs_[i];
  if (output.kind != OutputKind::Glob) {
    return is_made(targets_[i], output.kind) ? std::vector<std::string>{targets_[i]}
                                             : std::vector<std::string>{};
  }
  TaskOutput temporary = output;
  temporary.pattern = escape_glob(parent_of(targets_[i])) + "/" + base_name(output.pattern);
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
    // That the holder is still the one that was made.
    if (output.temporary) open_parent(targets_[i], own_.directory);
    if (output.temporary || output.kind != OutputKind::Glob) {
      files[i] = made_temporaries(i);
    } else {
      const std::size_t before = made_.size();
      collect_made(output);
      if (made_.size() == before) made_.clear();
      files[i].assign(made_.begin(), made_.end());
    }
    if (files[i].empty()) return output.relative;
    for (const std::string& file : files[i]) check_made(file);
  }
  require_links_lead(arriving());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].temporary) bring_to_holder(i, files[i]);
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

std::vector<Arriving> OutputFiles::arriving() const {
  std::vector<Arriving> all;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const TaskOutput& output = outputs_[i];
    // Only a kernel has temporaries for a glob, and makes no links.
    if (!output.temporary || output.kind == OutputKind::Glob) continue;
    const bool directory = output.kind == OutputKind::Directory;
    all.push_back({targets_[i], output.path, output.relative, directory});
  }
  return all;
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
    const bool exchanged = rename_in(file, place, own_.directory);
    if (!exchanged || owns_all_below(file, place)) return;
    // It is not the directory that was looked at: somebody has put it there since.
    rename_in(file, place, own_.directory);
    throw OccupiedError(output, {place});
  }
  if (!is_directory(file)) {
    if (link_new(file, place, own_.directory)) {
      marks_.emplace_back(file, place);
      return;
    }
    if (errno == EEXIST) throw OccupiedError(output, {place});
  }
  const std::string mark = mark_of(parent_of(file), base_name(file));
  if (set_mark(mark, file, own_.directory)) marks_.emplace_back(mark, place);
  if (!rename_new(file, place, own_.directory)) throw OccupiedError(output, {place});
}

void OutputFiles::release() noexcept {
  // An empty holder is kept for the next task.
  for (const auto& [mark, place] : marks_) remove_file(mark, own_.directory);
  try {
    remove_old();
    remove_holders();
  } catch (const std::exception&) {
    // What is old stays in the holder: the next attempt tries again.
  }
}

// What install() had renamed in before something went wrong.
void OutputFiles::uninstall() {
  for (const auto& [mark, place] : marks_) {
    // It goes with the holder, if it is still what was put there.
    const auto is_what_was_put = [&](const std::string& path) {
      return same_file(mark, path) || is_marked(mark, path);
    };
    const std::string gone = mark + ".gone";
    if (!is_what_was_put(place) || !rename_new(place, gone, own_.directory)) continue;
    if (!is_what_was_put(gone) && !rename_new(gone, place, own_.directory)) {
      throw std::runtime_error("somebody changes `" + place + "`: what was there is `" + gone +
                               "`");
    }
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
    Leftovers leftovers(failed_, attempt, own_.directory);
    uninstall();
    for (const TaskOutput& output : outputs_) {
      if (!output.temporary) put_away_made(output, leftovers);
    }
    // Directories that were made go before what stood in their place comes back.
    remove_holders(true);
    for (auto it = made_parents_.rbegin(); it != made_parents_.rend(); ++it) {
      remove_directory(*it, own_.directory);
    }
    bring_all_back(leftovers);
    remove_holders();
    return leftovers.text();
  } catch (const std::exception& error) {
    // What is old is still in the holders, and the next attempt tries again.
    own_.open = true;
    return error.what();
  }
}

}  // namespace wfr
