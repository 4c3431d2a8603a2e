// Inputs as paths from the data root, however they are spelt: absolute, or by way of a directory
// above the root.
#pragma once

#include "compiler/graph/made_paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

class InputPaths {
 public:
  // `root` relative to the working directory or absolute. The disk is asked for the links in it.
  InputPaths(const Workflow& workflow, const wfr::Tree& tree, const std::filesystem::path& root);

  // "absolute" is what lies outside the root.
  [[nodiscard]] SymbolicPath symbolic(const StepDef& step, const wfr::InputSpec& input) const;
  [[nodiscard]] ConcretePath concrete(const StepDef& step,
                                      const wfr::InputSpec& input,
                                      wfr::Ordinal node) const;

 private:
  const Workflow& workflow_;
  const wfr::Tree& tree_;
  // The components of the root's absolute path: as it is written, and without links.
  std::vector<std::vector<std::string>> roots_;
};

}  // namespace wfc
