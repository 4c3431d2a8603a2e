// The workflow's steps, boxed by level.
#include "compiler/view/drawing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace wfc {

namespace {

// "session" boxes hold "array" boxes hold "channel" boxes; levels without steps get none.
std::map<LevelId, std::uint32_t> add_clusters(Drawing& drawing,
                                              const Workflow& workflow,
                                              const wfr::TaskGraph& graph) {
  std::set<LevelId> used;
  for (const StepId id : workflow.order) used.insert(workflow.step(id).spec.each);
  used.erase(wfr::kRootLevel);
  std::vector<LevelId> levels(used.begin(), used.end());
  std::stable_sort(levels.begin(), levels.end(), [&](LevelId a, LevelId b) {
    return graph.tree.depth(a) < graph.tree.depth(b);
  });
  std::map<LevelId, std::uint32_t> cluster_of;
  for (const LevelId level : levels) {
    DrawnCluster cluster;
    const std::uint32_t nodes = graph.tree.level(level).size();
    cluster.title = fmt::format("each {} ({})", workflow.level(level).name, with_commas(nodes));
    for (LevelId above = workflow.level(level).under;; above = workflow.level(above).under) {
      const auto around = cluster_of.find(above);
      if (around != cluster_of.end()) cluster.inside = around->second;
      if (around != cluster_of.end() || above == wfr::kRootLevel) break;
    }
    cluster_of[level] = static_cast<std::uint32_t>(drawing.clusters.size());
    drawing.clusters.push_back(std::move(cluster));
  }
  return cluster_of;
}

std::string count_line(std::uint32_t tasks, std::uint32_t nodes) {
  if (tasks == nodes) return tasks == 1 ? "1 task" : with_commas(tasks) + " tasks";
  return fmt::format("{} of {} tasks", with_commas(tasks), with_commas(nodes));
}

}  // namespace

Drawing draw_steps(const Workflow& workflow, const wfr::TaskGraph& graph) {
  Drawing drawing;
  drawing.title = workflow.name;
  drawing.of = "steps";
  const auto cluster_of = add_clusters(drawing, workflow, graph);
  std::vector<std::uint32_t> node_of(workflow.steps.size(), wfr::kNone);
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    const StepDef& step = workflow.steps[s];
    if (step.dropped || step.spec.finalizer != wfr::FinalizerKind::None) continue;
    node_of[s] = static_cast<std::uint32_t>(drawing.nodes.size());
    DrawnNode node{fmt::format("s{}", s), NodeKind::Step, step.spec.name, {}, wfr::kNone};
    if (step.spec.command == wfr::CommandKind::Kernel && step.spec.kernel != step.spec.name) {
      node.lines.push_back(step.spec.kernel);
    }
    node.lines.push_back(count_line(graph.instances[s].count, graph.instances[s].nodes));
    const auto cluster = cluster_of.find(step.spec.each);
    if (cluster != cluster_of.end()) node.cluster = cluster->second;
    drawing.nodes.push_back(std::move(node));
  }
  for (const wfr::Edge& edge : graph.edges) {
    const std::uint32_t from = node_of[wfr::index_of(edge.from)];
    const std::uint32_t to = node_of[wfr::index_of(edge.to)];
    if (from == wfr::kNone || to == wfr::kNone) continue;
    const LevelId narrowest =
        graph.tree.lowest_common(graph.tasks(edge.from).level, graph.tasks(edge.to).level);
    // Wider than the two levels ask for: worth a word.
    std::string label;
    if (edge.pairs) {
      label = "pairs";
    } else if (edge.via != narrowest) {
      const std::string& via = workflow.level(edge.via).name;
      label = via.empty() ? "all" : fmt::format("same {}", via);
    }
    const EdgeStyle style = edge.kind == wfr::EdgeKind::Data ? EdgeStyle::Data : EdgeStyle::Order;
    drawing.edges.push_back({from, to, style, label, false});
  }
  mark_implied(drawing);
  add_finalizers(drawing, workflow);
  return drawing;
}

}  // namespace wfc
