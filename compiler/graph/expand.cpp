// Workflow + Tree -> TaskGraph: instance sets and edges; nothing per task but the rows of files of
// pairs.
#include "compiler/graph/expand.hpp"

#include "compiler/graph/bind_pairs.hpp"
#include "compiler/graph/bind_paths.hpp"
#include "compiler/graph/checks.hpp"
#include "compiler/graph/estimates.hpp"
#include "compiler/tree/instances.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

void add_instances(const Workflow& workflow, wfr::TaskGraph& graph, Sink& sink) {
  for (const StepDef& step : workflow.steps) {
    graph.instances.push_back(step_instances(step, graph.tree, graph.storage));
    if (graph.instances.back().count > 0 || step.dropped || step.where.empty()) continue;
    sink.report(Kind::WhereMatchesNothing,
                step.where.front().span,
                fmt::format("`where` selects no task of `{}`", step.spec.name),
                "correct the pattern, or leave the step out with `when = false`");
  }
}

// An edge a need. A need of a dropped step has none.
void add_edges(
    StepId id, StepDef& step, const Workflow& workflow, wfr::TaskGraph& graph, Sink& sink) {
  for (std::size_t i = 0; i < step.needs.size(); ++i) {
    const NeedDef& need = step.needs[i];
    step.spec.needs[i].edge = wfr::kNone;
    if (step.dropped || workflow.step(need.step).dropped) continue;
    wfr::Edge edge;
    edge.from = need.step;
    edge.to = id;
    edge.via = need.via.value_or(
        graph.tree.lowest_common(workflow.step(need.step).spec.each, step.spec.each));
    edge.kind = need.data ? wfr::EdgeKind::Data : wfr::EdgeKind::Order;
    if (need.pairs != nullptr) bind_pairs(workflow, need, graph, edge, sink);
    step.spec.needs[i].edge = static_cast<std::uint32_t>(graph.edges.size());
    graph.edges.push_back(edge);
  }
}

// Which edge brings each input: resolve has found the need, if another step declares it as an
// output.
void bind_inputs(StepDef& step) {
  for (std::size_t i = 0; i < step.spec.inputs.size(); ++i) {
    const std::uint32_t need = i < step.input_needs.size() ? step.input_needs[i] : wfr::kNone;
    step.spec.inputs[i].made_by_edge = need == wfr::kNone ? wfr::kNone : step.spec.needs[need].edge;
  }
}

}  // namespace

std::vector<OutputTemplate> output_templates(const Workflow& workflow,
                                             const wfr::TaskGraph& graph) {
  std::vector<OutputTemplate> outputs;
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    const StepDef& step = workflow.steps[s];
    if (graph.instances[s].count == 0) continue;
    for (std::uint32_t i = 0; i < step.spec.outputs.size(); ++i) {
      const wfr::OutputSpec& output = step.spec.outputs[i];
      outputs.push_back({StepId{s},
                         i,
                         symbolic_path(workflow.levels, step.spec.each, output.path),
                         output.kind == wfr::OutputKind::Glob,
                         i < step.output_spans.size() ? step.output_spans[i] : step.name_span});
    }
  }
  return outputs;
}

std::string task_text(const wfr::TaskGraph& graph, const StepDef& step, wfr::Ordinal node) {
  if (step.spec.each == wfr::kRootLevel) return step.spec.name;
  return step.spec.name + ":" + visible(graph.tree.directory(step.spec.each, node));
}

Expanded expand(Workflow workflow, wfr::Tree tree, const DataRoot& root, Sink& sink) {
  Expanded result;
  wfr::TaskGraph& graph = result.graph;
  graph.storage.merge(tree.storage);
  graph.tree = std::move(tree);
  add_instances(workflow, graph, sink);
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    add_edges(StepId{s}, workflow.steps[s], workflow, graph, sink);
  }
  for (StepDef& step : workflow.steps) bind_inputs(step);

  const std::vector<OutputTemplate> outputs = output_templates(workflow, graph);
  const InputPaths paths(workflow, graph.tree, root.path);
  const BoundInputs bound = bind_paths(workflow, graph, outputs, paths, sink);
  // From here on the graph is complete; what is left is to look for mistakes in it.
  check_producers(workflow, graph, sink);
  check_output_names(workflow, graph, outputs, sink);
  check_path_lengths(workflow, graph, root, sink);
  check_outputs(workflow, graph, outputs, sink);
  check_where(workflow, graph, sink);
  const std::size_t before = sink.errors();
  check_cells(workflow, graph, sink);
  check_output_levels(workflow, graph, outputs, sink);
  // An empty cell makes the task's own directory of an input, which is said already.
  if (sink.errors() == before) check_own_inputs(workflow, graph, outputs, paths, sink);
  check_inputs(workflow, graph, {outputs, bound}, root, sink);
  check_temp(workflow, graph, sink);
  // From here on nobody has to ask the disk how long a task takes.
  estimate_by_inputs(workflow, graph, root, sink);
  result.workflow = std::move(workflow);
  return result;
}

}  // namespace wfc
