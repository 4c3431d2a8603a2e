// Every task, boxed by step.
#include "compiler/view/drawing.hpp"

#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

bool is_drawn(const StepDef& step) {
  return !step.dropped && step.spec.finalizer == wfr::FinalizerKind::None;
}

class TaskDrawer {
 public:
  TaskDrawer(const Workflow& workflow, const wfr::TaskGraph& graph)
      : workflow_(workflow), graph_(graph), first_node_(workflow.steps.size(), wfr::kNone) {}

  Drawing draw() {
    drawing_.title = workflow_.name;
    drawing_.of = "tasks";
    for (std::uint32_t s = 0; s < workflow_.steps.size(); ++s) {
      if (is_drawn(workflow_.steps[s])) add_step(s);
    }
    for (std::uint32_t e = 0; e < graph_.edges.size(); ++e) add_edge(e);
    mark_implied(drawing_);
    add_finalizers(drawing_, workflow_);
    return std::move(drawing_);
  }

 private:
  void add_step(std::uint32_t s) {
    const wfr::InstanceSet& tasks = graph_.instances[s];
    const std::string& name = workflow_.steps[s].spec.name;
    const bool once = tasks.level == wfr::kRootLevel;
    first_node_[s] = static_cast<std::uint32_t>(drawing_.nodes.size());
    const auto cluster = static_cast<std::uint32_t>(drawing_.clusters.size());
    if (!once) drawing_.clusters.push_back({name, wfr::kNone});
    for (wfr::TaskIndex task = 0; task < tasks.count; ++task) {
      drawing_.nodes.push_back(
          {fmt::format("t{}_{}", s, task),
           NodeKind::Task,
           once ? name : graph_.tree.directory(tasks.level, tasks.node_at(task)),
           {},
           once ? wfr::kNone : cluster});
    }
  }

  // Directory by directory of the edge's level.
  void add_edge(std::uint32_t e) {
    const wfr::Edge& edge = graph_.edges[e];
    const std::uint32_t from = first_node_[wfr::index_of(edge.from)];
    const std::uint32_t to = first_node_[wfr::index_of(edge.to)];
    if (from == wfr::kNone || to == wfr::kNone) return;
    const EdgeStyle style = edge.kind == wfr::EdgeKind::Data ? EdgeStyle::Data : EdgeStyle::Order;
    if (edge.pairs) {
      for (wfr::TaskIndex task = 0; task < graph_.tasks(edge.to).count; ++task) {
        for (const wfr::TaskIndex producer : producers(graph_, edge, task)) {
          drawing_.edges.push_back({from + producer, to + task, style, "", false});
        }
      }
      return;
    }
    const std::uint32_t nodes = graph_.tree.level(edge.via).size();
    for (wfr::Ordinal node = 0; node < nodes; ++node) {
      const wfr::Range made = below(edge, node, edge.from);
      const wfr::Range waiting = below(edge, node, edge.to);
      if (made.size() > 1 && waiting.size() > 1) {
        const auto junction = static_cast<std::uint32_t>(drawing_.nodes.size());
        drawing_.nodes.push_back(
            {fmt::format("e{}_{}", e, node), NodeKind::Junction, "", {}, wfr::kNone});
        connect(made, from, {0, 1}, junction, style);
        connect({0, 1}, junction, waiting, to, style);
      } else {
        connect(made, from, waiting, to, style);
      }
    }
  }

  [[nodiscard]] wfr::Range below(const wfr::Edge& edge, wfr::Ordinal node, StepId step) const {
    const wfr::InstanceSet& tasks = graph_.tasks(step);
    return tasks.tasks_in(graph_.tree.descendants(edge.via, {node, node + 1}, tasks.level));
  }

  void connect(
      wfr::Range made, std::uint32_t from, wfr::Range waiting, std::uint32_t to, EdgeStyle style) {
    for (std::uint32_t w = waiting.begin; w < waiting.end; ++w) {
      for (std::uint32_t m = made.begin; m < made.end; ++m) {
        drawing_.edges.push_back({from + m, to + w, style, "", false});
      }
    }
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  std::vector<std::uint32_t> first_node_;  // by step
  Drawing drawing_;
};

}  // namespace

Drawing draw_tasks(const Workflow& workflow, const wfr::TaskGraph& graph) {
  return TaskDrawer(workflow, graph).draw();
}

std::uint64_t count_tasks(const Workflow& workflow, const wfr::TaskGraph& graph) {
  std::uint64_t count = 0;
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    if (is_drawn(workflow.steps[s])) count += graph.instances[s].count;
  }
  return count;
}

}  // namespace wfc
