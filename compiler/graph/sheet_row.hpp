// Where in a sample sheet a directory's values come from.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <string>

namespace wfc {

// "samples.csv:3", or "" for a directory that no sheet names. O(rows).
std::string sheet_row(const Workflow& workflow,
                      const wfr::Tree& tree,
                      LevelId level,
                      wfr::Ordinal node);

// "`b` (samples.csv:3)", with every sheet that the path takes a value from; `node` is of level
// `at`.
std::string with_rows(const Workflow& workflow,
                      const wfr::Tree& tree,
                      const wfr::Template& path,
                      LevelId at,
                      wfr::Ordinal node,
                      const std::string& text);

}  // namespace wfc
