// The step graph: a topological order with ties in the order of the file, and cycles shown whole.
#include "compiler/workflow/order.hpp"

#include "compiler/workflow/context.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

// An edge goes from a step to what it needs.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

Graph graph_of(const Workflow& workflow) {
  Graph graph(workflow.steps.size());
  for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
    for (const NeedDef& need : workflow.steps[i].needs) {
      // Pairs of tasks of one step: their order is looked at task by task (graph/pair_circle.cpp).
      if ((need.pairs != nullptr || need.by_path) && wfr::index_of(need.step) == i) continue;
      boost::add_edge(i, wfr::index_of(need.step), graph);
    }
  }
  return graph;
}

// Kahn's algorithm over a heap of vertex numbers: the first step of the file that is ready comes
// next.
std::vector<StepId> sorted(const Graph& graph) {
  std::vector<std::size_t> waiting(boost::num_vertices(graph));
  std::priority_queue<Vertex, std::vector<Vertex>, std::greater<>> ready;
  for (Vertex step = 0; step < waiting.size(); ++step) {
    waiting[step] = boost::out_degree(step, graph);
    if (waiting[step] == 0) ready.push(step);
  }
  std::vector<StepId> order;
  while (!ready.empty()) {
    const Vertex step = ready.top();
    ready.pop();
    order.push_back(static_cast<StepId>(step));
    const auto [begin, end] = boost::in_edges(step, graph);
    for (auto edge = begin; edge != end; ++edge) {
      const Vertex consumer = boost::source(*edge, graph);
      if (--waiting[consumer] == 0) ready.push(consumer);
    }
  }
  return order;
}

// The shortest way from `start` back to itself, without its last step.
std::vector<Vertex> circle_through(const Graph& graph, Vertex start) {
  std::vector<Vertex> parent(boost::num_vertices(graph), start);
  std::vector<bool> seen(boost::num_vertices(graph));
  std::queue<Vertex> next;
  next.push(start);
  while (!next.empty()) {
    const Vertex step = next.front();
    next.pop();
    const auto [begin, end] = boost::adjacent_vertices(step, graph);
    for (auto needed = begin; needed != end; ++needed) {
      if (*needed == start) {
        std::vector<Vertex> circle;
        for (Vertex at = step; at != start; at = parent[at]) circle.push_back(at);
        circle.push_back(start);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
      if (seen[*needed]) continue;
      seen[*needed] = true;
      parent[*needed] = step;
      next.push(*needed);
    }
  }
  return {};
}

void report_circle(Context& context, const std::vector<Vertex>& circle) {
  const Workflow& workflow = context.workflow;
  std::string path;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const StepDef& step = workflow.steps[circle[i]];
    const auto needed = static_cast<StepId>(circle[(i + 1) % circle.size()]);
    path += fmt::format("{} -> ", step.spec.name);
    for (const NeedDef& need : step.needs) {
      if (need.step != needed) continue;
      labels.push_back({need.span,
                        fmt::format("`{}` {} `{}`",
                                    step.spec.name,
                                    need.implied && need.data ? "reads what is made by"
                                    : need.data               ? "needs"
                                                              : "comes after",
                                    need.name)});
      break;
    }
  }
  path += workflow.steps[circle.front()].spec.name;
  const Span first = labels.front().span;
  context.sink.report({Kind::Cycle,
                       first,
                       fmt::format("steps wait for each other: {}", path),
                       "remove one of these needs",
                       std::move(labels)});
}

void report_circles(Context& context, const Graph& graph) {
  // One cycle for each set of steps that all wait for each other, from its first step in the file.
  std::vector<std::size_t> component(boost::num_vertices(graph));
  std::vector<boost::default_color_type> colour(boost::num_vertices(graph));
  const auto index = boost::get(boost::vertex_index, graph);
  boost::strong_components(
      graph,
      boost::make_iterator_property_map(component.begin(), index),
      boost::color_map(boost::make_iterator_property_map(colour.begin(), index)));
  std::vector<bool> shown(boost::num_vertices(graph));
  for (Vertex step = 0; step < component.size(); ++step) {
    if (shown[component[step]]) continue;
    const std::vector<Vertex> circle = circle_through(graph, step);
    if (circle.empty()) continue;
    shown[component[step]] = true;
    report_circle(context, circle);
  }
}

std::vector<StepId> with_finalizers_last(const Workflow& workflow,
                                         const std::vector<StepId>& order) {
  std::vector<StepId> result;
  for (const bool finalizers : {false, true}) {
    for (const StepId id : order) {
      const StepDef& step = workflow.step(id);
      const bool is_finalizer = step.spec.finalizer != wfr::FinalizerKind::None;
      if (!step.dropped && is_finalizer == finalizers) result.push_back(id);
    }
  }
  return result;
}

}  // namespace

std::vector<StepId> step_order(const Workflow& workflow) {
  return with_finalizers_last(workflow, sorted(graph_of(workflow)));
}

void resolve_order(Context& context) {
  Workflow& workflow = context.workflow;
  const Graph graph = graph_of(workflow);
  const std::vector<StepId> order = sorted(graph);
  if (order.size() < workflow.steps.size()) report_circles(context, graph);
  workflow.order = with_finalizers_last(workflow, order);
}

}  // namespace wfc
