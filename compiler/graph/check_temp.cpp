// Files that are not where their names say: every command that makes or reads them must ask where.
#include "compiler/graph/checks.hpp"
#include "runtime/plan/any_piece.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

// A kernel is handed its files.
bool names_need(const wfr::StepSpec& step, std::uint32_t edge) {
  const bool as_input =
      std::any_of(step.inputs.begin(), step.inputs.end(), [&](const wfr::InputSpec& input) {
        return input.made_by_edge == edge;
      });
  if (step.command == wfr::CommandKind::Kernel) return as_input || step.inputs.empty();
  return wfr::any_piece(step, [&](const wfr::Piece& piece) {
    const bool need = piece.kind == wfr::PieceKind::Need ||
                      piece.kind == wfr::PieceKind::NeedOutput ||
                      piece.kind == wfr::PieceKind::NeedList;
    return (need && step.needs[piece.need].edge == edge) ||
           (as_input && piece.kind == wfr::PieceKind::Inputs);
  });
}

void check_outputs_named(const StepDef& step, Sink& sink) {
  for (std::size_t i = 0; i < step.spec.outputs.size(); ++i) {
    if (step.spec.outputs[i].mentioned) continue;
    sink.report(
        {Kind::TempNotNamed,
         step.output_spans[i],
         fmt::format("step `{}` is `temp`, and its command does not name this output",
                     step.spec.name),
         "write to `{outputs}` or `{outputs.NAME}`: the file is made on the disk of the node",
         {{step.temp_span, "asked for here"}}});
  }
}

}  // namespace

void check_temp(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  for (const StepId id : workflow.order) {
    const StepDef& step = workflow.step(id);
    if (!step.temp) continue;
    check_outputs_named(step, sink);
    bool read = false;
    for (std::uint32_t e = 0; e < graph.edges.size(); ++e) {
      const wfr::Edge& edge = graph.edges[e];
      if (edge.from != id || edge.kind != wfr::EdgeKind::Data) continue;
      read = true;
      const StepDef& reader = workflow.step(edge.to);
      if (names_need(reader.spec, e)) continue;
      sink.report(
          {Kind::TempNotNamed,
           reader.command_span,
           fmt::format("step `{}` needs `{}`, which is `temp`, and does not name what it reads",
                       reader.spec.name,
                       step.spec.name),
           fmt::format("read `{{needs.{}}}` or `{{inputs}}`: the file lies on the disk of the node",
                       step.spec.name),
           {{step.temp_span, "asked for here"}}});
    }
    if (read || graph.tasks(id).count == 0) continue;
    sink.report({Kind::TempNotRead,
                 step.temp_span,
                 fmt::format("no step reads the outputs of `{}`", step.spec.name),
                 "an output that no step reads is a result: leave `temp` out",
                 {}});
  }
}

}  // namespace wfc
