// The outputs of one task on disk: temporaries, existence, renaming in, moving aside, fingerprint.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/arriving_links.hpp"
#include "runtime/run/flush.hpp"
#include "runtime/run/leftovers.hpp"
#include "runtime/run/ownership.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/spares.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

// One declared output as a run handles it. Paths are absolute.
struct TaskOutput {
  std::string path;      // final; of a glob: its directory and the pattern of its base name
  std::string pattern;   // of a glob: as resolve_glob() wants it; else empty
  std::string relative;  // to the root, for the fingerprint
  std::string name;
  OutputKind kind = OutputKind::File;
  bool temporary = false;  // made as a temporary sibling; else written in place
  bool lasting = true;     // is more than the job's: worth a flush
  bool content = false;    // compared by content instead of time
  std::uint32_t spec = 0;  // index into StepSpec::outputs
  Ordinal node = 0;        // of its fan level
};

// `root`: absolute.
std::vector<TaskOutput> declared_outputs(const Plan& plan, const std::string& root, Task task);

struct FoundOutputs {
  std::string missing;  // the first that is not there, relative to the root; "" when all are
  Key fingerprint;      // of paths, sizes and mtimes; directories: of all files below them
  Key sizes;            // the same without mtimes: see made_part() in key.hpp
  std::uint64_t bytes = 0;
  // All that there is, absolute and ascending: files, links, and directories with a '/' behind.
  std::vector<std::string> files;
};
// Of what matches a glob, only what is among `owned` counts. `content`: content_of() the state
// directory; without it contents are read once a process.
FoundOutputs find_outputs(const std::string& root,
                          const std::vector<TaskOutput>& outputs,
                          const std::set<std::string>& owned,
                          const ContentOf& content = {});
// The same for a task as its slot has it. The record is read only where there is a glob.
FoundOutputs find_outputs(const Plan& plan,
                          const std::string& root,
                          Task task,
                          const Slot& slot,
                          LogReader& records,
                          const ContentOf& content = {});

// One attempt's hold on its outputs. The temporary of `d/x.h5` is `d/.wfr.<tag>/x.h5`: same file
// system, base name and suffix. Where others can exchange what is in `d`, the command writes to a
// place that they cannot exchange, or whose name they cannot know, and the file goes to the holder
// when it is done. What the task owns at the place of an output written in place is kept in
// `d/.wfr.<tag>/.wfr.old` meanwhile. Nothing that the task does not own is moved or removed, and no
// link is followed below the task's directory.
class OutputFiles {
 public:
  struct Settings {
    std::string tag;
    OwnedFiles own;
    std::set<std::string> inputs;        // absolute: never made by the task, whatever its globs say
    std::string failed;                  // see Leftovers
    std::string held;                    // a directory of this user alone; "": there is none
    SpareDirectories* spares = nullptr;  // must outlive it
  };
  OutputFiles(Settings settings, std::vector<TaskOutput> outputs);

  // Before the attempt is recorded: puts away what a killed one has left, looks at what stands in
  // the places of the outputs, and notes what globs match. Throws OccupiedError and
  // std::system_error, UnsafePathError among them.
  void look(unsigned attempt);
  // What others have made under the name of a holder: it is left alone. After look().
  [[nodiscard]] const std::set<std::string>& foreign_holders() const { return foreign_holders_; }
  // Whether an output is written in place: then the start must be recorded, with note_start().
  [[nodiscard]] bool in_place() const;
  void note_start(Record& start) const;
  // After that: makes directories, and moves what is old out of the way. Throws std::system_error.
  void prepare();

  // Where the command shall write, parallel to outputs(): a temporary or the final path. After
  // prepare().
  [[nodiscard]] const std::vector<std::string>& targets() const { return targets_; }
  [[nodiscard]] const std::vector<TaskOutput>& outputs() const { return outputs_; }
  // Names in targets() that nobody may learn while the command runs.
  [[nodiscard]] const std::vector<std::string>& hidden_names() const { return hidden_names_; }
  // Where the names of outputs are: to be synced after install(), before anybody relies on it.
  [[nodiscard]] std::vector<std::string> directories() const;
  // Tells the disk what install() will wait for, and does not wait. When several tasks do so before
  // the first of them is installed, they share the commits of the file system's journal.
  void begin_flush() const noexcept;
  // After success: all there? Then flush and rename. Returns what is missing, and has then done
  // nothing. Throws MissingOutputError for a link that would lead nowhere from its place, and has
  // done nothing then either; OccupiedError; and std::system_error when the disk fails.
  std::string install(const Journal& log);
  // After install(): what matches the globs and is the task's own, absolute.
  [[nodiscard]] const std::set<std::string>& made() const { return made_; }
  // What is owned since earlier and is no output any more, absolute: it may be one again.
  [[nodiscard]] std::vector<std::string> former(const std::set<std::string>& but) const;
  // When the success is on record: what is old goes. Until then the holders say whose the new
  // files are.
  void release() noexcept;
  // After failure: temporaries go, what was made in place goes to `failed`, what was there before
  // comes back. Returns what has become of it, in words.
  std::string discard(unsigned attempt) noexcept;
  // After that, or where the attempt was never begun: what is owned, into the end's record.
  void note_failure(Record& end) const;

 private:
  // outputs.cpp
  void check_places() const;
  [[nodiscard]] std::string holder_at(const std::string& directory) const;
  void look_for_holder(const std::string& directory);
  std::string make_holder_at(const std::string& directory);
  [[nodiscard]] std::string private_holder() const;
  [[nodiscard]] bool may_use_private(const std::string& directory) const;
  std::string make_private_place(const std::string& directory);
  std::string make_safe_place(const std::string& directory, const std::string& holder);
  [[nodiscard]] std::vector<std::string> made_temporaries(std::size_t i) const;
  void bring_to_holder(std::size_t i, std::vector<std::string>& files);
  [[nodiscard]] std::vector<Arriving> arriving() const;
  void install_temporary(const TaskOutput& output, const std::vector<std::string>& files);
  void install_one(const TaskOutput& output, const std::string& file, const std::string& place);
  void uninstall();
  [[nodiscard]] bool owns_all_below(const std::string& directory, const std::string& place) const;
  void use_holder(const std::string& held);
  void remove_holders(bool keep_old = false) noexcept;

  // outputs_old.cpp: what is the task's already.
  [[nodiscard]] std::string directory_of_holder(const std::string& path) const;
  [[nodiscard]] std::string old_place(const std::string& path) const;
  void find_holders();
  void settle_killed(unsigned attempt);
  void own_installed();
  void keep_old(const TaskOutput& output, const std::set<std::string>& but);
  void move_old(const std::string& path);
  void bring_back(const std::string& from, const std::string& to, Leftovers& leftovers);
  void bring_all_back(Leftovers& leftovers);
  void remove_old();

  // outputs_globs.cpp: what an attempt that writes in place has made.
  void note_standing(const TaskOutput& output);
  [[nodiscard]] bool is_new(const std::string& path) const;
  [[nodiscard]] bool is_original(const std::string& path) const;
  void collect_made(const TaskOutput& output);
  void put_away_made(const TaskOutput& output, Leftovers& leftovers);
  [[nodiscard]] bool holds_only_made(const TaskOutput& output, const std::string& directory) const;
  void put_away_below(const std::string& directory, Leftovers& leftovers);
  void put_away(const std::string& path, Leftovers& leftovers, bool certain = false);

  std::string tag_;
  OwnedFiles own_;
  std::set<std::string> inputs_;
  std::string failed_;
  std::string held_;
  SpareDirectories* spares_;
  std::vector<TaskOutput> outputs_;
  std::vector<std::string> targets_;
  std::map<std::string, std::string> other_holders_;  // by directory: where the name was taken
  std::set<std::string> foreign_holders_;
  std::map<std::string, std::string> safe_places_;  // by directory
  std::vector<std::string> hidden_names_;
  std::vector<std::string> holders_;       // distinct, in order
  std::vector<std::string> made_parents_;  // directories that were not there before
  // In holders, of what has been renamed in: the mark and the place.
  std::vector<std::pair<std::string, std::string>> marks_;
  std::set<std::string> made_;
  bool certain_ = false;  // this process has seen the whole of the attempt
  bool prepared_ = false;
};

// Whether something that the task owned before is kept in a holder.
bool has_old(const std::string& held);
// In a holder: says of a file or directory that it was renamed in from there, where the file system
// has no second names.
std::string mark_of(const std::string& held, const std::string& name);
bool set_mark(const std::string& mark, const std::string& file, const std::string& base);
bool is_marked(const std::string& mark, const std::string& file) noexcept;

// Whether what is in the place of an output was renamed in from the holder of the task, and not
// recorded any more.
bool is_installed(const TaskOutput& output, const std::string& tag);

// Of a task that is done: what was killed between its record and the end of its holders has left
// them. `held`: as in OutputFiles::Settings.
void clear_holders(const std::vector<TaskOutput>& outputs,
                   const std::string& tag,
                   const std::string& held);

// What matches a glob output now, without temporaries of wfr, ascending.
std::vector<std::string> glob_matches(const TaskOutput& output);
// Whether one of the paths is below a directory, which has a '/' behind.
bool has_below(const std::set<std::string>& paths, const std::string& directory);
// The directory that all matches are below, and those in between that a wildcard names.
std::string literal_directory(const TaskOutput& output);
// The directory whose holder is the output's: of files of many directories, which one is none of
// them.
std::string place_of_holder(const TaskOutput& output);
std::vector<std::string> wildcard_directories(const TaskOutput& output);

}  // namespace wfr
