// What expand checks once instances and edges are known. Each reports and changes nothing.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/symbolic_path.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/graph.hpp"

#include <filesystem>
#include <vector>

namespace wfc {

// One declared output of a step that has tasks.
struct OutputTemplate {
  StepId step{};
  std::uint32_t index = 0;  // into StepSpec::outputs
  SymbolicPath path;
};
std::vector<OutputTemplate> output_templates(const Workflow& workflow, const wfr::TaskGraph& graph);

// Two tasks with one output path. Symbolic where the templates prove that there are none; what is
// left is expanded and hashed.
void check_outputs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<OutputTemplate>& outputs,
                   Sink& sink);

// Inputs that no step makes and that are not on the disk; at most 1000 tasks of a step are looked
// at.
void check_inputs(const Workflow& workflow,
                  const wfr::TaskGraph& graph,
                  const std::vector<OutputTemplate>& outputs,
                  const std::filesystem::path& root,
                  Sink& sink);

// Tasks that need a step that has no task for them. O(nodes of the edge's level), by ranges.
void check_producers(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// `temp` on a step that no step reads, or whose outputs a command would look for in the data's
// directories since it does not name them by a placeholder.
void check_temp(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

}  // namespace wfc
