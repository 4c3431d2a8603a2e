// The outputs of one task on disk: temporaries, existence, renaming in, moving aside, fingerprint.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/flush.hpp"
#include "runtime/run/spares.hpp"

#include <cstdint>
#include <string>
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
  std::uint32_t spec = 0;  // index into StepSpec::outputs
  Ordinal node = 0;        // of its fan level
};

// `root`: absolute.
std::vector<TaskOutput> declared_outputs(const Plan& plan, const std::string& root, Task task);

struct FoundOutputs {
  std::string missing;  // the first that is not there, relative to the root; "" when all are
  Key fingerprint;      // of paths, sizes and mtimes; directories: of all files below them
  std::uint64_t bytes = 0;
  // All that there is, absolute and ascending: files, links, and directories with a '/' behind.
  std::vector<std::string> files;
};
FoundOutputs find_outputs(const std::string& root, const std::vector<TaskOutput>& outputs);

// One attempt's hold on its outputs. The temporary of `d/x.h5` is `d/.wfr.<tag>/x.h5`: same file
// system, base name and suffix. What already lies at the place of an output written in place is
// kept in the same directory meanwhile, so that it cannot be taken for the attempt's own.
class OutputFiles {
 public:
  // `spares` (may be null) must outlive it.
  OutputFiles(std::string tag, std::vector<TaskOutput> outputs, SpareDirectories* spares = nullptr);

  // Makes directories, clears what a killed attempt has left. Throws std::system_error.
  void prepare(unsigned attempt);
  // Where the command shall write, parallel to outputs(): a temporary or the final path.
  [[nodiscard]] const std::vector<std::string>& targets() const { return targets_; }
  [[nodiscard]] const std::vector<TaskOutput>& outputs() const { return outputs_; }
  // Where the names of outputs are: to be synced after install(), before anybody relies on it.
  [[nodiscard]] std::vector<std::string> directories() const;
  // Tells the disk what install() will wait for, and does not wait. When several tasks do so before
  // the first of them is installed, they share the commits of the file system's journal.
  void begin_flush() const noexcept;
  // After success: all there? Then flush and rename. Returns what is missing, and has then done
  // nothing. Throws std::system_error when the disk fails.
  std::string install(const Journal& log);
  // After failure: temporaries go, what was written in place becomes NAME.failed-ATTEMPT, what
  // lay there before comes back.
  void discard(unsigned attempt) noexcept;

 private:
  [[nodiscard]] std::string holder(const TaskOutput& output) const;  // d/.wfr.<tag>
  [[nodiscard]] std::vector<std::string> made(std::size_t i) const;  // what is there at target i
  void keep_old(const TaskOutput& output);
  void bring_back(unsigned attempt) noexcept;
  bool make_holder(const std::string& held);
  void remove_holders() noexcept;

  std::string tag_;
  SpareDirectories* spares_;
  std::vector<TaskOutput> outputs_;
  std::vector<std::string> targets_;
  std::vector<std::string> holders_;       // distinct, in order
  std::vector<std::string> made_parents_;  // directories that were not there before
};

}  // namespace wfr
