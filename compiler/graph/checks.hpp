// What expand checks once instances and edges are known. Each reports and changes nothing.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/symbolic_path.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

class InputPaths;

// By step and index of an input: for each task, whether some task makes what it reads.
using BoundInputs = std::map<std::pair<StepId, std::size_t>, std::vector<bool>>;

// One declared output of a step that has tasks.
struct OutputTemplate {
  StepId step{};
  std::uint32_t index = 0;  // into StepSpec::outputs
  SymbolicPath path;
  bool glob = false;
  Span span;
};
std::vector<OutputTemplate> output_templates(const Workflow& workflow, const wfr::TaskGraph& graph);

// "split:session01", as people write a task.
std::string task_text(const wfr::TaskGraph& graph, const StepDef& step, wfr::Ordinal node);

// Outputs that do not lie inside their own task's directory because of a value or a long name.
void check_output_names(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const std::vector<OutputTemplate>& outputs,
                        Sink& sink);

// Paths of tasks and outputs that are longer than the system takes. A look at the longest names,
// and at every task only where these are too long together.
void check_path_lengths(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const DataRoot& root,
                        Sink& sink);

// Two outputs that may be one file, or one inside the other, of one task or of two. Symbolic where
// the templates prove that there are none; what is left is written out and hashed.
void check_outputs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<OutputTemplate>& outputs,
                   Sink& sink);

// Outputs where a level has a directory, and directories of outputs that the next scan would find
// as a level's.
void check_output_levels(const Workflow& workflow,
                         const wfr::TaskGraph& graph,
                         const std::vector<OutputTemplate>& outputs,
                         Sink& sink);

// Outputs that an input of the same task may match.
void check_own_inputs(const Workflow& workflow,
                      const wfr::TaskGraph& graph,
                      const std::vector<OutputTemplate>& outputs,
                      const InputPaths& paths,
                      Sink& sink);

// Inputs that no step makes and that are not on the disk; at most 1000 tasks of a step are looked
// at.
struct MadeFiles {
  const std::vector<OutputTemplate>& outputs;
  const BoundInputs& bound;
};
void check_inputs(const Workflow& workflow,
                  const wfr::TaskGraph& graph,
                  const MadeFiles& made,
                  const DataRoot& root,
                  Sink& sink);

// Names in `where` that no directory has, of steps that have tasks all the same.
void check_where(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// Cells of sample sheets that are empty where the path of an input needs them.
void check_cells(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// Tasks that need a step that has no task for them. O(nodes of the edge's level), by ranges.
void check_producers(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// `temp` on a step that no step reads, or whose outputs a command would look for in the data's
// directories since it does not name them by a placeholder.
void check_temp(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

}  // namespace wfc
