// Outputs whose paths, once written out, do not lie inside their task's directory. What the
// workflow's text alone decides has been looked at by resolve; here values and names are known.
#include "compiler/graph/checks.hpp"
#include "compiler/graph/sheet_row.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"
#include "runtime/plan/output_path.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

constexpr std::size_t kMostReports = 3;

// Of names that are put together with text: they may become too long.
std::size_t longest(const wfr::Tree& tree, const wfr::Template& path) {
  std::size_t length = 0;
  for (const wfr::Piece& piece : path.pieces) {
    if (piece.kind != PieceKind::LevelName) {
      length += piece.text.size();
      continue;
    }
    const wfr::Names& names = tree.level(piece.level).names;
    std::size_t most = 0;
    for (Ordinal node = 0; node < names.size(); ++node)
      most = std::max(most, names.at(node).size());
    length += most;
  }
  return length;
}

bool has_column(const wfr::Template& path) {
  return std::any_of(path.pieces.begin(), path.pieces.end(), [](const wfr::Piece& piece) {
    return piece.kind == PieceKind::LevelColumn;
  });
}

bool is_only_text(const wfr::Template& path) {
  return std::all_of(path.pieces.begin(), path.pieces.end(), [](const wfr::Piece& piece) {
    return piece.kind == PieceKind::Text || piece.kind == PieceKind::Value;
  });
}

void check_output(const Workflow& workflow,
                  const wfr::TaskGraph& graph,
                  const OutputTemplate& output,
                  Sink& sink) {
  const StepDef& step = workflow.step(output.step);
  const wfr::OutputSpec& spec = step.spec.outputs[output.index];
  if (is_only_text(spec.path)) return;
  if (!has_column(spec.path) && longest(graph.tree, spec.path) <= wfr::kLongestName) return;
  const wfr::InstanceSet& tasks = graph.tasks(output.step);
  std::size_t found = 0;
  const std::uint32_t nodes = graph.tree.level(spec.fan).size();
  for (Ordinal node = 0; node < nodes; ++node) {
    const Ordinal there = graph.tree.ancestor(spec.fan, node, tasks.level);
    if (!tasks.contains(there)) continue;
    const std::string path = expand_at(graph.tree, spec.path, spec.fan, node);
    const std::string problem = wfr::output_path_problem(path);
    if (problem.empty() || ++found > kMostReports) continue;
    sink.report(Kind::OutputOutside,
                output.span,
                fmt::format("output `{}` of {} {}",
                            visible(path),
                            with_rows(workflow,
                                      graph.tree,
                                      spec.path,
                                      spec.fan,
                                      node,
                                      "`" + task_text(graph, step, there) + "`"),
                            problem),
                "correct the value: an output lies inside its task's own directory");
  }
  if (found <= kMostReports) return;
  sink.report(Kind::OutputOutside,
              output.span,
              fmt::format("{} more outputs of `{}` are not inside their task's directory",
                          found - kMostReports,
                          step.spec.name));
}

}  // namespace

void check_output_names(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const std::vector<OutputTemplate>& outputs,
                        Sink& sink) {
  for (const OutputTemplate& output : outputs) check_output(workflow, graph, output, sink);
}

}  // namespace wfc
