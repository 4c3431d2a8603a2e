// The key of a task: everything that its result depends on. Resources never enter.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/key_parts.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/used_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfr {

struct TaskKey {
  Key key;
  std::vector<KeyPart> parts;
};

struct ProducerDigest {
  StepId step{};
  Key digest;
};

struct OutsideInput {
  std::string path;  // absolute
  std::string name;  // relative to the root
  bool content = false;
  PathLook look = {};  // of those that were there when they were looked for
};

// For any thread.
class KeyMaker {
 public:
  // `out_dir`: absolute; where the digests of contents are kept, and from where the workflow is
  // found.
  explicit KeyMaker(const Plan& plan, const std::filesystem::path& out_dir = {});
  // Looks at the inputs and used files; a directory is walked once.
  [[nodiscard]] TaskKey make(Task task,
                             const std::vector<ProducerDigest>& producers,
                             const std::vector<OutsideInput>& inputs) const;

 private:
  void add_columns(Task task, std::vector<KeyPart>& parts) const;
  void add_inputs(Task task,
                  const std::vector<OutsideInput>& inputs,
                  std::vector<KeyPart>& parts) const;
  [[nodiscard]] PathState look_at(const OutsideInput& input, const std::string& directory) const;

  const Plan& plan_;
  std::vector<std::vector<KeyPart>> step_parts_;    // by StepId
  std::vector<std::vector<UsedColumn>> step_uses_;  // by StepId
  ContentOf content_;
  UsedFiles uses_;
  mutable DirectoryStates directories_;
};

}  // namespace wfr
