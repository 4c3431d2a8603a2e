// Empty cells of sample sheets in the paths of inputs.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/sheet_rows.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/sheet.hpp"

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;

void check_piece(const Workflow& workflow,
                 const wfr::TaskGraph& graph,
                 StepId id,
                 const wfr::Piece& piece,
                 const Span& input,
                 Sink& sink) {
  const StepDef& step = workflow.step(id);
  const LevelDef& level = workflow.level(piece.level);
  const wfr::Names& values = graph.tree.level(piece.level).columns.at(piece.column).values;
  const wfr::InstanceSet& tasks = graph.tasks(id);
  std::size_t found = 0;
  for (wfr::Ordinal node = 0; node < values.size(); ++node) {
    if (!values.at(node).empty()) continue;
    const wfr::Range below = graph.tree.descendants(piece.level, {node, node + 1}, tasks.level);
    if (tasks.tasks_in(below).size() == 0 || ++found > kReportedAtMost) continue;
    const std::string& column = level.columns[piece.column];
    sink.report({Kind::EmptyCell,
                 cell_span(workflow, graph.tree, piece.level, node, piece.column),
                 fmt::format("`{}` of `{}` is empty, but an input of `{}` needs it",
                             column,
                             visible(graph.tree.directory(piece.level, node)),
                             step.spec.name),
                 fmt::format("fill in the cell, or leave the row out: `where = {{ \"{}.{}\" = "
                             "\"/.+/\" }}` in `{}`",
                             level.name,
                             column,
                             step.spec.name),
                 {{input, "this input"}}});
  }
  if (found <= kReportedAtMost) return;
  sink.report(Kind::EmptyCell,
              input,
              fmt::format("{} more cells of column `{}` in `{}` are empty",
                          found - kReportedAtMost,
                          level.columns[piece.column],
                          level.file));
}

}  // namespace

void check_cells(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    const StepDef& step = workflow.steps[s];
    for (std::size_t i = 0; i < step.spec.inputs.size(); ++i) {
      const Span span = i < step.input_spans.size() ? step.input_spans[i] : step.name_span;
      for (const wfr::Piece& piece : step.spec.inputs[i].path.pieces) {
        if (piece.kind != wfr::PieceKind::LevelColumn) continue;
        check_piece(workflow, graph, StepId{s}, piece, span, sink);
      }
    }
  }
}

}  // namespace wfc
