// Workflow -> Tree: the one walk over the data directories, and the directories that kernels
// declare.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <filesystem>
#include <vector>

namespace wfc {

// `root` is the data root, absolute or relative to the working directory. Directories are read with
// getdents and d_type; leaf directories are not opened. Symbolic links to directories are followed
// once each (a loop is reported). Levels with `made_by` and no values come from the kernel's
// declaration, read from the inputs' headers. Reports: a level that matches nothing, unreadable
// directories, loops. None of `outs`, the workflow's own out directory and others, is a directory
// of a level, by whatever name.
wfr::Tree scan(const Workflow& workflow,
               const std::filesystem::path& root,
               Sink& sink,
               const std::vector<std::filesystem::path>& outs = {});

}  // namespace wfc
