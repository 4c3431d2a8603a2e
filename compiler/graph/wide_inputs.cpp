// Inputs that may hold what other steps make: a glob, or a directory with outputs in it. Nothing
// says which tasks they wait for, so that needs must.
#include "compiler/graph/wide_inputs.hpp"

#include "compiler/graph/made_paths.hpp"
#include "compiler/graph/symbolic_overlap.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;
using wfr::TaskIndex;

// Paths that are compared at most; beyond it what may be is taken for what is.
constexpr std::uint64_t kMostCompared = 20'000'000;

bool is_level(const PathComponent& component) {
  return component.size() == 1 && component.front().kind == PieceKind::LevelName;
}

class WideInputs {
 public:
  WideInputs(const Workflow& workflow,
             const wfr::TaskGraph& graph,
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

  void check(StepId id, std::size_t index) {
    const StepDef& step = workflow_.step(id);
    const wfr::InputSpec& input = step.spec.inputs[index];
    if (input.made_by_edge != wfr::kNone) return;
    const SymbolicPath path = paths_.symbolic(step, input);
    for (std::uint32_t output = 0; output < outputs_.size(); ++output) {
      const PathPattern reads{path, input.glob};
      const PathPattern makes{outputs_[output].path, outputs_[output].glob};
      const bool within = overlap_.may_begin(reads, makes);
      if (!within && !(input.glob && overlap_.may_begin(makes, reads))) continue;
      // A name that is the output itself, or below it, has its edge.
      if (!input.glob && (overlap_.is_loose(path) || same_length(path, makes.path))) continue;
      const LevelId shared = shared_level(path, makes.path);
      if (covered_by_level(output, id, shared)) continue;
      look_at_tasks(id, index, output, shared);
    }
  }

 private:
  static bool same_length(const SymbolicPath& a, const SymbolicPath& b) {
    return a.components.size() == b.components.size();
  }

  // The finest level whose directory both name, by the same placeholders from the root on.
  static LevelId shared_level(const SymbolicPath& a, const SymbolicPath& b) {
    LevelId level = wfr::kRootLevel;
    const std::size_t common = std::min(a.components.size(), b.components.size());
    for (std::size_t i = 0; i < common; ++i) {
      const PathComponent& component = a.components[i];
      if (!is_level(component) || !same_component(component, b.components[i])) break;
      level = component.front().level;
    }
    return level;
  }

  [[nodiscard]] bool is_need(const wfr::Edge& edge, StepId from, StepId to) const {
    return edge.from == from && edge.to == to && edge.kind == wfr::EdgeKind::Data;
  }

  // An edge brings every task below a directory that holds all that the input may reach.
  [[nodiscard]] bool covered_by_level(std::uint32_t output, StepId id, LevelId shared) const {
    return std::any_of(graph_.edges.begin(), graph_.edges.end(), [&](const wfr::Edge& edge) {
      return is_need(edge, outputs_[output].step, id) && !edge.pairs &&
             graph_.tree.is_at_or_above(edge.via, shared);
    });
  }

  [[nodiscard]] bool covered(const wfr::Task& producer, StepId id, TaskIndex task) const {
    return std::any_of(graph_.edges.begin(), graph_.edges.end(), [&](const wfr::Edge& edge) {
      if (!is_need(edge, producer.step, id)) return false;
      const wfr::TaskList list = producers(graph_, edge, task);
      return std::find(list.begin(), list.end(), producer.index) != list.end();
    });
  }

  void look_at_tasks(StepId id, std::size_t index, std::uint32_t output, LevelId shared) {
    const StepDef& step = workflow_.step(id);
    const wfr::InputSpec& input = step.spec.inputs[index];
    const StepDef& maker = workflow_.step(outputs_[output].step);
    const LevelId fan = maker.spec.outputs[outputs_[output].index].fan;
    const wfr::InstanceSet& tasks = graph_.tasks(id);
    const wfr::InstanceSet& makers = graph_.tasks(outputs_[output].step);
    std::uint64_t compared = 0;
    for (TaskIndex task = 0; task < tasks.count; ++task) {
      const Ordinal node = tasks.node_at(task);
      const ConcretePath read = paths_.concrete(step, input, node);
      const Ordinal above = graph_.tree.ancestor(tasks.level, node, shared);
      const wfr::Range range = graph_.tree.descendants(shared, {above, above + 1}, fan);
      for (Ordinal at = range.begin; at < range.end; ++at) {
        const Ordinal there = graph_.tree.ancestor(fan, at, makers.level);
        if (!makers.contains(there)) continue;
        const wfr::Task producer{outputs_[output].step, makers.rank_of(there)};
        // A task's own outputs are looked at with them.
        if (producer == wfr::Task{id, task}) continue;
        const ConcretePath made = made_.path({0, output, at});
        const bool sure = ++compared < kMostCompared;
        if (sure && (!may_be_read(made, read) || covered(producer, id, task))) continue;
        return report({id, task}, index, output, {producer, made.text()}, shared);
      }
    }
  }

  // What must be written so that all tasks that the input may reach are waited for.
  [[nodiscard]] std::string remedy(StepId id, StepId from, LevelId shared) const {
    const StepDef& maker = workflow_.step(from);
    if (id == from) return "read what other tasks of the step make by `pairs`, not by a pattern";
    const LevelId usual = graph_.tree.lowest_common(maker.spec.each, workflow_.step(id).spec.each);
    if (graph_.tree.is_at_or_above(usual, shared)) {
      return fmt::format("write `needs = [\"{}\"]`, or narrow the input", maker.spec.name);
    }
    return fmt::format("write `needs = [{{ step = \"{}\", via = \"{}\" }}]`, or narrow the input",
                       maker.spec.name,
                       shared == wfr::kRootLevel ? "root" : workflow_.level(shared).name);
  }

  void report(wfr::Task reader,
              std::size_t index,
              std::uint32_t output,
              const std::pair<wfr::Task, std::string>& made,
              LevelId shared) {
    const StepDef& step = workflow_.step(reader.step);
    const StepDef& maker = workflow_.step(made.first.step);
    const wfr::InputSpec& input = step.spec.inputs[index];
    const Ordinal node = graph_.tasks(reader.step).node_at(reader.index);
    sink_.report(
        {Kind::InputMayBeMade,
         index < step.input_spans.size() ? step.input_spans[index] : step.name_span,
         fmt::format(
             "`{}` reads `{}`, which may hold `{}`, but does not wait for `{}`, which makes it",
             task_text(graph_, step, node),
             visible(paths_.concrete(step, input, node).text()),
             visible(made.second),
             task_text(graph_, maker, graph_.tasks(made.first.step).node_at(made.first.index))),
         remedy(reader.step, made.first.step, shared),
         {{outputs_[output].span, "made here"}}});
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  const InputPaths& paths_;
  Sink& sink_;
  SymbolicOverlap overlap_;
  MadePaths made_;
};

}  // namespace

void check_wide_inputs(const Workflow& workflow,
                       const wfr::TaskGraph& graph,
                       const std::vector<OutputTemplate>& outputs,
                       const InputPaths& paths,
                       Sink& sink) {
  WideInputs check(workflow, graph, outputs, paths, sink);
  for (const StepId id : workflow.order) {
    if (graph.tasks(id).count == 0) continue;
    for (std::size_t i = 0; i < workflow.step(id).spec.inputs.size(); ++i) check.check(id, i);
  }
}

}  // namespace wfc
