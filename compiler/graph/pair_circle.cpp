// What Kahn's algorithm leaves over is on a cycle or behind one: back from there to a cycle.
#include "compiler/graph/pair_circle.hpp"

#include <algorithm>

namespace wfc {
namespace {

using wfr::TaskIndex;

// From a task that has no depth to one that it waits for and that has none either, until one comes
// again: that one is on a cycle.
TaskIndex on_a_circle(const wfr::Csr& producers,
                      const std::vector<std::uint32_t>& depths,
                      TaskIndex task) {
  std::vector<bool> seen(depths.size());
  while (!seen[task]) {
    seen[task] = true;
    const wfr::TaskList needed = producers.row(task);
    task = *std::find_if(needed.begin(), needed.end(), [&](TaskIndex producer) {
      return depths[producer] == wfr::kNone;
    });
  }
  return task;
}

// Breadth first from `start` over what it waits for, back to itself.
std::vector<TaskIndex> shortest_through(const wfr::Csr& producers,
                                        std::size_t tasks,
                                        TaskIndex start) {
  std::vector<TaskIndex> reached_from(tasks, wfr::kNone);
  std::vector<TaskIndex> open{start};
  for (std::size_t next = 0; next < open.size(); ++next) {
    for (const TaskIndex needed : producers.row(open[next])) {
      if (needed == start) {
        std::vector<TaskIndex> circle;
        for (TaskIndex at = open[next]; at != start; at = reached_from[at]) circle.push_back(at);
        circle.push_back(start);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
      if (reached_from[needed] != wfr::kNone) continue;
      reached_from[needed] = open[next];
      open.push_back(needed);
    }
  }
  return {};
}

}  // namespace

std::vector<TaskIndex> pair_circle(const wfr::TaskGraph& graph, const wfr::Edge& edge) {
  // The edge alone: it may not be in the graph yet.
  wfr::TaskGraph pairs;
  pairs.instances = graph.instances;
  pairs.edges = {edge};
  const std::vector<std::uint32_t> depths = wfr::own_depths(pairs, edge.from);
  const auto left = std::find(depths.begin(), depths.end(), wfr::kNone);
  if (left == depths.end()) return {};
  const wfr::Csr& producers = edge.pairs->producers;
  const TaskIndex start =
      on_a_circle(producers, depths, static_cast<TaskIndex>(left - depths.begin()));
  std::vector<TaskIndex> circle = shortest_through(producers, depths.size(), start);
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  return circle;
}

}  // namespace wfc
