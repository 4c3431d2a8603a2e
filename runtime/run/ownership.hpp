// What a task owns: what the record that its slot points at lists, and nothing else on the disk.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace wfr {

struct TaskOutput;  // outputs.hpp

// Relative to the task's directory, ascending; of a directory output the directory itself with a
// '/' behind it and all below it. {} where there is no record. For any thread.
std::vector<std::string> owned_paths(LogReader& records, const Slot& slot);

// As records have them: `path` (absolute) relative to the task's directory (absolute), or as it is
// where it is not inside it.
std::string owned_name(const std::string& directory, const std::string& path);
std::vector<std::string> owned_names(const std::string& directory,
                                     const std::vector<std::string>& paths);

// What a command that sees `words` (TaskInputs) reads, absolute.
std::set<std::string> input_paths(const std::string& directory,
                                  const std::vector<std::string>& words);

// The same while the task runs, with absolute paths.
struct OwnedFiles {
  std::string directory;                   // of the task
  std::set<std::string> paths;             // directories with a '/' behind
  bool recorded = false;                   // there is a record
  bool open = false;                       // see Record
  bool done = false;                       // it is the record of a success
  unsigned attempt = 0;                    // whose record it is
  bool everything = false;                 // its outputs are in the job's scratch directory
  std::map<std::string, Standing> before;  // see Record; by path
  [[nodiscard]] bool owns(const std::string& path) const {
    return everything || paths.count(path) > 0;
  }
  // What is there as it was made: a directory as one, the rest as none.
  static bool is_there(const std::string& path);
  // As record lists it, only what is there.
  [[nodiscard]] std::vector<std::string> names() const;
};
OwnedFiles owned_files(LogReader& records, const Slot& slot, const std::string& directory);

// What keeps `path` from being made in `directory`, that of its task: the first on the way to it
// that is a file, or a link that this user or root made, since no output is written through one. A
// link of somebody else is an UnsafePathError later. "" where the way is free.
std::string on_the_way_to(const std::string& path, const std::string& directory);

// Over all tasks of a plan, and what `--set-aside` and `--replace` do: occupied.hpp.
// What stands in the place of a file or directory output, or inside it, and is not the task's: at
// most `most` paths, absolute. Of a glob nothing: it takes what is there for somebody else's.
std::vector<std::string> foreign_at(const TaskOutput& output,
                                    const OwnedFiles& own,
                                    std::size_t most);
// Below a directory, at any depth.
std::vector<std::string> foreign_below(const std::string& directory,
                                       const OwnedFiles& own,
                                       std::size_t most);

// The task does not run: FailureKind::Occupied.
class OccupiedError : public std::runtime_error {
 public:
  OccupiedError(const TaskOutput& output, const std::vector<std::string>& foreign);
};

}  // namespace wfr
