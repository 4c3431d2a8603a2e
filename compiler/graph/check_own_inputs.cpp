// Outputs that an input of the same task may match: the task would read what it made the last time,
// and never be up to date.
#include "compiler/graph/input_paths.hpp"
#include "compiler/graph/symbolic_overlap.hpp"
#include "compiler/tree/visible.hpp"

#include <string>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;

class OwnInputs {
 public:
  OwnInputs(const Workflow& workflow,
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

  void check(std::uint32_t output, std::size_t index) {
    const StepDef& step = workflow_.step(outputs_[output].step);
    const wfr::InputSpec& input = step.spec.inputs[index];
    const SymbolicPath path = paths_.symbolic(step, input);
    const PathPattern reads{path, input.glob};
    const PathPattern makes{outputs_[output].path, outputs_[output].glob};
    if (!overlap_.may_begin(makes, reads) && !overlap_.may_begin(reads, makes)) return;
    const LevelId fan = step.spec.outputs[outputs_[output].index].fan;
    const wfr::InstanceSet& tasks = graph_.tasks(outputs_[output].step);
    for (Ordinal node = 0; node < graph_.tree.level(fan).size(); ++node) {
      const Ordinal there = graph_.tree.ancestor(fan, node, tasks.level);
      if (!tasks.contains(there)) continue;
      const ConcretePath made = made_.path({0, output, node});
      const ConcretePath read = paths_.concrete(step, input, there);
      if (read.components.empty() || !may_be_read(made, read)) continue;
      report(output, index, there, {read.text(), made.text()});
      return;
    }
  }

 private:
  void report(std::uint32_t output,
              std::size_t index,
              Ordinal task,
              const std::pair<std::string, std::string>& read_and_made) {
    const StepDef& step = workflow_.step(outputs_[output].step);
    sink_.report({Kind::OutputIsInput,
                  outputs_[output].span,
                  fmt::format("`{}` may read its own output: input `{}`, output `{}`",
                              task_text(graph_, step, task),
                              visible(read_and_made.first),
                              visible(read_and_made.second)),
                  "narrow the pattern, or write into a directory of its own",
                  {{index < step.input_spans.size() ? step.input_spans[index] : step.name_span,
                    "read here"}}});
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

void check_own_inputs(const Workflow& workflow,
                      const wfr::TaskGraph& graph,
                      const std::vector<OutputTemplate>& outputs,
                      const InputPaths& paths,
                      Sink& sink) {
  OwnInputs check(workflow, graph, outputs, paths, sink);
  for (std::uint32_t output = 0; output < outputs.size(); ++output) {
    const std::size_t inputs = workflow.step(outputs[output].step).spec.inputs.size();
    for (std::size_t index = 0; index < inputs; ++index) check.check(output, index);
  }
}

}  // namespace wfc
