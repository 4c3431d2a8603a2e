// Tasks that need a step that has no task for them.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kNamed = 3;

// Nodes of the edge's level with tasks to wait and nobody to wait for.
struct Lonely {
  std::uint64_t tasks = 0;
  std::vector<wfr::Ordinal> first;
};

Lonely find_lonely(const wfr::TaskGraph& graph, const wfr::Edge& edge) {
  const wfr::InstanceSet& from = graph.tasks(edge.from);
  const wfr::InstanceSet& to = graph.tasks(edge.to);
  Lonely lonely;
  if (edge.pairs) {
    for (wfr::TaskIndex task = 0; task < to.count; ++task) {
      if (!producers(graph, edge, task).empty()) continue;
      ++lonely.tasks;
      if (lonely.first.size() < kNamed) lonely.first.push_back(to.node_at(task));
    }
    return lonely;
  }
  // A producer in every directory of the edge's own level: nobody can be alone.
  if (from.level == edge.via && from.count == from.nodes) return lonely;
  const std::uint32_t nodes = graph.tree.level(edge.via).size();
  for (wfr::Ordinal node = 0; node < nodes; ++node) {
    const wfr::Range here{node, node + 1};
    if (!from.tasks_in(graph.tree.descendants(edge.via, here, from.level)).empty()) continue;
    const wfr::Range waiting = to.tasks_in(graph.tree.descendants(edge.via, here, to.level));
    if (waiting.empty()) continue;
    lonely.tasks += waiting.size();
    if (lonely.first.size() < kNamed) lonely.first.push_back(to.node_at(waiting.begin));
  }
  return lonely;
}

void report(const Workflow& workflow,
            const wfr::TaskGraph& graph,
            const wfr::Edge& edge,
            const NeedDef& need,
            Sink& sink) {
  const Lonely lonely = find_lonely(graph, edge);
  if (lonely.tasks == 0) return;
  // A file that names nothing that is there has been reported.
  if (edge.pairs && sink.has_errors()) return;
  const std::string& from = workflow.step(edge.from).spec.name;
  const StepDef& to = workflow.step(edge.to);
  std::string names;
  for (const wfr::Ordinal node : lonely.first) {
    names += fmt::format("{}`{}`",
                         names.empty() ? "" : ", ",
                         visible(graph.tree.directory(graph.tasks(edge.to).level, node)));
  }
  const std::string_view more = lonely.tasks > lonely.first.size() ? ", ..." : "";
  if (edge.pairs) {
    sink.report(Kind::NoProducers,
                need.pairs->span,
                fmt::format("no pair gives a task of `{}` to {} of {} tasks of `{}`: {}{}",
                            from,
                            lonely.tasks,
                            graph.tasks(edge.to).count,
                            to.spec.name,
                            names,
                            more),
                fmt::format("add their lines, leave them out with `where` of `{}`, or set "
                            "`allow_empty = true` if it can do without",
                            to.spec.name));
    return;
  }
  sink.report(
      Kind::NoProducers,
      need.span.known() ? need.span : to.name_span,
      fmt::format("`{}` has no task for {} of {} tasks of `{}` that need it: {}{}",
                  from,
                  lonely.tasks,
                  graph.tasks(edge.to).count,
                  to.spec.name,
                  names,
                  more),
      fmt::format("leave them out with `where` of `{}`, or set `allow_empty = true` if it can "
                  "do without",
                  to.spec.name));
}

}  // namespace

void check_producers(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  for (const StepDef& step : workflow.steps) {
    if (step.spec.allow_empty) continue;
    for (std::size_t i = 0; i < step.needs.size(); ++i) {
      const std::uint32_t edge = step.spec.needs[i].edge;
      if (edge == wfr::kNone || !step.needs[i].data || step.needs[i].optional) continue;
      // What the paths say holds for the tasks that have such a path alone.
      if (step.needs[i].by_path) continue;
      // Of pairs within one step the first tasks have nothing before them.
      if (graph.edges[edge].from == graph.edges[edge].to) continue;
      report(workflow, graph, graph.edges[edge], step.needs[i], sink);
    }
  }
}

}  // namespace wfc
