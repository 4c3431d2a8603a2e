// Inputs that are names: the outputs that have this path, or that are a directory above it.
#include "compiler/graph/bind_paths.hpp"

#include "compiler/graph/made_paths.hpp"
#include "compiler/graph/pair_circle.hpp"
#include "compiler/graph/sheet_row.hpp"
#include "compiler/graph/symbolic_overlap.hpp"
#include "compiler/graph/wide_inputs.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/order.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::TaskIndex;
using PairSet = std::set<std::pair<TaskIndex, TaskIndex>>;  // consumer, producer

// What the tasks of one step read of another's by the paths of its inputs.
struct Found {
  PairSet pairs;
  // By input: how many tasks read something of this step, and whether it is known to be made: what
  // a pattern may match can be a file of the user as well.
  std::map<std::size_t, std::set<TaskIndex>> readers;
  std::set<std::size_t> uncertain;
};

bool reaches(const Workflow& workflow, StepId from, StepId to) {
  std::set<StepId> seen;
  std::vector<StepId> open{from};
  while (!open.empty()) {
    const StepId step = open.back();
    open.pop_back();
    if (step == to) return true;
    if (!seen.insert(step).second) continue;
    for (const NeedDef& need : workflow.step(step).needs) open.push_back(need.step);
  }
  return false;
}

class PathBinder {
 public:
  PathBinder(Workflow& workflow,
             wfr::TaskGraph& graph,
             const std::vector<OutputTemplate>& outputs,
             const InputPaths& paths,
             Sink& sink)
      : workflow_(workflow),
        graph_(graph),
        outputs_(outputs),
        paths_(paths),
        sink_(sink),
        overlap_(graph.tree),
        made_(workflow, graph, outputs) {}

  BoundInputs run() {
    for (const StepId id : std::vector<StepId>(workflow_.order)) bind_step(id);
    if (added_) workflow_.order = step_order(workflow_);
    return std::move(bound_);
  }

 private:
  void bind_step(StepId id) {
    const StepDef& step = workflow_.step(id);
    if (graph_.tasks(id).count == 0) return;
    std::map<StepId, Found> found;
    for (std::size_t i = 0; i < step.spec.inputs.size(); ++i) {
      const wfr::InputSpec& input = step.spec.inputs[i];
      if (input.glob || input.made_by_edge != wfr::kNone) continue;
      const std::vector<std::uint32_t> candidates = candidates_of(step, input);
      if (candidates.empty()) continue;
      made_.add(candidates);
      look_for_makers(id, i, {candidates.begin(), candidates.end()}, found);
    }
    for (auto& [maker, what] : found) add_edge(maker, id, what);
  }

  [[nodiscard]] std::vector<std::uint32_t> candidates_of(const StepDef& step,
                                                         const wfr::InputSpec& input) {
    const SymbolicPath path = paths_.symbolic(step, input);
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t output = 0; output < outputs_.size(); ++output) {
      const PathPattern made{outputs_[output].path, outputs_[output].glob};
      if (overlap_.may_begin(made, {path, false})) candidates.push_back(output);
    }
    return candidates;
  }

  void look_for_makers(StepId id,
                       std::size_t index,
                       const std::set<std::uint32_t>& candidates,
                       std::map<StepId, Found>& found) {
    const StepDef& step = workflow_.step(id);
    const wfr::InstanceSet& tasks = graph_.tasks(id);
    std::vector<bool>& bound = bound_[{id, index}];
    bound.resize(tasks.count);
    for (TaskIndex task = 0; task < tasks.count; ++task) {
      const ConcretePath path = paths_.concrete(step, step.spec.inputs[index], tasks.node_at(task));
      for (const std::uint64_t hash : MadePaths::hashes(path)) {
        for (const MadePath& made : made_.with(hash)) {
          if (!candidates.contains(made.output) || !holds(made, path)) continue;
          const wfr::Task producer = made_.task(made);
          bound[task] = true;
          // The task itself is reported with its outputs.
          if (producer == wfr::Task{id, task}) continue;
          Found& what = found[producer.step];
          what.pairs.insert({task, producer.index});
          what.readers[index].insert(task);
          if (outputs_[made.output].glob) what.uncertain.insert(index);
        }
      }
    }
  }

  // The output is the input, or a directory that it lies in.
  [[nodiscard]] bool holds(const MadePath& made, const ConcretePath& input) const {
    const ConcretePath path = made_.path(made);
    return path.components.size() <= input.components.size() && may_be_read(path, input);
  }

  void add_edge(StepId from, StepId to, const Found& found) {
    const std::uint32_t known = covering_edge(from, to, found.pairs);
    if (known != wfr::kNone) return name_edge(to, found, known);
    if (from != to && reaches(workflow_, from, to)) return report_cycle(from, to, found);
    wfr::Edge edge{
        from, to, graph_.tree.lowest_common(graph_.tasks(from).level, graph_.tasks(to).level)};
    if (from == to || !is_relation(edge, found.pairs)) {
      std::vector<std::pair<TaskIndex, TaskIndex>> pairs;
      pairs.reserve(found.pairs.size());
      for (const auto& [consumer, producer] : found.pairs) pairs.emplace_back(producer, consumer);
      wfr::set_pairs(graph_, edge, pairs);
    }
    if (from == to && closes_circle(edge, found)) return;
    const std::size_t input = found.readers.begin()->first;
    StepDef& step = workflow_.steps[wfr::index_of(to)];
    NeedDef need;
    need.step = from;
    need.name = workflow_.step(from).spec.name;
    need.implied = true;
    need.by_path = true;
    need.span = input_span(step, input);
    const auto number = static_cast<std::uint32_t>(graph_.edges.size());
    step.spec.needs.push_back({need.name, from, number, true});
    step.needs.push_back(std::move(need));
    graph_.edges.push_back(std::move(edge));
    added_ = true;
    name_edge(to, found, number);
  }

  [[nodiscard]] std::uint32_t covering_edge(StepId from, StepId to, const PairSet& pairs) const {
    for (std::uint32_t e = 0; e < graph_.edges.size(); ++e) {
      const wfr::Edge& edge = graph_.edges[e];
      if (edge.from != from || edge.to != to || edge.kind != wfr::EdgeKind::Data) continue;
      const bool all = std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
        const wfr::TaskList list = producers(graph_, edge, pair.first);
        return std::find(list.begin(), list.end(), pair.second) != list.end();
      });
      if (all) return e;
    }
    return wfr::kNone;
  }

  // What the level says of every task is just what was found.
  [[nodiscard]] bool is_relation(const wfr::Edge& edge, const PairSet& pairs) const {
    auto next = pairs.begin();
    for (TaskIndex task = 0; task < graph_.tasks(edge.to).count; ++task) {
      for (const TaskIndex producer : producers(graph_, edge, task)) {
        if (next == pairs.end() || *next != std::pair(task, producer)) return false;
        ++next;
      }
    }
    return next == pairs.end();
  }

  // An input is the edge's if it is for every task, without doubt.
  void name_edge(StepId to, const Found& found, std::uint32_t edge) {
    for (const auto& [input, readers] : found.readers) {
      if (readers.size() < graph_.tasks(to).count || found.uncertain.contains(input)) continue;
      workflow_.steps[wfr::index_of(to)].spec.inputs[input].made_by_edge = edge;
    }
  }

  [[nodiscard]] static Span input_span(const StepDef& step, std::size_t input) {
    return input < step.input_spans.size() ? step.input_spans[input] : step.name_span;
  }

  [[nodiscard]] std::string task(StepId step, TaskIndex index) const {
    return task_text(graph_, workflow_.step(step), graph_.tasks(step).node_at(index));
  }

  // "`two:b` (samples.csv:3) reads `a/one.txt`", for one of the pairs.
  [[nodiscard]] std::string reading(StepId to, std::size_t input, TaskIndex reader) const {
    const StepDef& step = workflow_.step(to);
    const wfr::InputSpec& spec = step.spec.inputs[input];
    const wfr::Ordinal node = graph_.tasks(to).node_at(reader);
    return fmt::format(
        "{} reads `{}`",
        with_rows(
            workflow_, graph_.tree, spec.path, step.spec.each, node, "`" + task(to, reader) + "`"),
        visible(paths_.concrete(step, spec, node).text()));
  }

  void report_cycle(StepId from, StepId to, const Found& found) {
    const auto& [input, readers] = *found.readers.begin();
    const TaskIndex reader = *readers.begin();
    const TaskIndex producer = found.pairs.lower_bound({reader, 0})->second;
    const std::string& maker = workflow_.step(from).spec.name;
    sink_.report({Kind::InputMadeLater,
                  input_span(workflow_.step(to), input),
                  fmt::format("{}, which `{}` makes, but `{}` waits for `{}`",
                              reading(to, input, reader),
                              task(from, producer),
                              maker,
                              workflow_.step(to).spec.name),
                  "read another file, or make two steps of one of them",
                  {{workflow_.step(from).name_span, "made by this step"}}});
  }

  // Together with what a file of pairs says of the step.
  bool closes_circle(const wfr::Edge& edge, const Found& found) {
    std::vector<std::pair<TaskIndex, TaskIndex>> all;
    for (const auto& [consumer, producer] : found.pairs) all.emplace_back(producer, consumer);
    for (const wfr::Edge& other : graph_.edges) {
      if (other.from != edge.from || other.to != edge.to || !other.pairs) continue;
      for (TaskIndex consumer = 0; consumer < graph_.tasks(edge.to).count; ++consumer) {
        for (const TaskIndex producer : producers(graph_, other, consumer)) {
          if (!found.pairs.contains({consumer, producer})) all.emplace_back(producer, consumer);
        }
      }
    }
    wfr::Edge whole{edge.from, edge.to, edge.via};
    wfr::set_pairs(graph_, whole, all);
    const std::vector<TaskIndex> circle = pair_circle(graph_, whole);
    if (circle.empty()) return false;
    std::string path;
    for (const TaskIndex one : circle) path += task(edge.to, one) + " -> ";
    const auto& [input, readers] = *found.readers.begin();
    sink_.report(
        {Kind::InputMadeLater,
         input_span(workflow_.step(edge.to), input),
         fmt::format("tasks read each other's outputs: {}{}", path, task(edge.to, circle.front())),
         "write two steps: the second reads the outputs of the first",
         {}});
    return true;
  }

  Workflow& workflow_;
  wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  const InputPaths& paths_;
  Sink& sink_;
  SymbolicOverlap overlap_;
  MadePaths made_;
  BoundInputs bound_;
  bool added_ = false;
};

}  // namespace

BoundInputs bind_paths(Workflow& workflow,
                       wfr::TaskGraph& graph,
                       const std::vector<OutputTemplate>& outputs,
                       const InputPaths& paths,
                       Sink& sink) {
  BoundInputs bound = PathBinder(workflow, graph, outputs, paths, sink).run();
  check_wide_inputs(workflow, graph, outputs, paths, sink);
  return bound;
}

}  // namespace wfc
