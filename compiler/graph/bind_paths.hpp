// Inputs that other tasks make, found by the paths themselves: an edge, or an error that names
// them.
#pragma once

#include "compiler/graph/checks.hpp"
#include "compiler/graph/input_paths.hpp"

#include <vector>

namespace wfc {

// For inputs that no need brings. An input that is some task's output, or lies in one, becomes an
// edge from just that task; where that would be a cycle, an error. A glob or a directory that may
// hold another step's outputs is an error, unless needs cover every task whose outputs it may hold.
// Only outputs whose templates may meet an input's are written out.
BoundInputs bind_paths(Workflow& workflow,
                       wfr::TaskGraph& graph,
                       const std::vector<OutputTemplate>& outputs,
                       const InputPaths& paths,
                       Sink& sink);

}  // namespace wfc
