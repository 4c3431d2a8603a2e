// Longest paths over the pairs within one step.
#include "runtime/plan/graph.hpp"

#include <algorithm>

namespace wfr {

namespace {

std::vector<const Pairs*> own_pairs(const TaskGraph& graph, StepId step) {
  std::vector<const Pairs*> own;
  for (const Edge& edge : graph.edges) {
    if (edge.from == step && edge.to == step && edge.pairs) own.push_back(&*edge.pairs);
  }
  return own;
}

}  // namespace

std::vector<std::uint32_t> own_depths(const TaskGraph& graph, StepId step) {
  const std::vector<const Pairs*> own = own_pairs(graph, step);
  if (own.empty()) return {};
  const std::uint32_t count = graph.tasks(step).count;
  std::vector<std::uint32_t> waiting(count);
  std::vector<std::uint32_t> depths(count, kNone);
  std::vector<TaskIndex> ready;
  for (TaskIndex task = 0; task < count; ++task) {
    for (const Pairs* pairs : own) waiting[task] += pairs->producers.row(task).size();
    if (waiting[task] > 0) continue;
    depths[task] = 0;
    ready.push_back(task);
  }
  // First in, first out: the last producer to be met is the deepest.
  for (std::size_t next = 0; next < ready.size(); ++next) {
    for (const Pairs* pairs : own) {
      for (const TaskIndex task : pairs->consumers.row(ready[next])) {
        if (--waiting[task] > 0) continue;
        depths[task] = depths[ready[next]] + 1;
        ready.push_back(task);
      }
    }
  }
  return depths;
}

std::vector<TaskIndex> own_order(const TaskGraph& graph, StepId step) {
  const std::vector<std::uint32_t> depths = own_depths(graph, step);
  std::vector<TaskIndex> order;
  order.reserve(depths.size());
  for (TaskIndex task = 0; task < depths.size(); ++task) {
    if (depths[task] != kNone) order.push_back(task);
  }
  std::stable_sort(
      order.begin(), order.end(), [&](TaskIndex a, TaskIndex b) { return depths[a] < depths[b]; });
  return order;
}

std::uint32_t longest_own_path(const TaskGraph& graph, StepId step) {
  std::uint32_t longest = 0;
  for (const std::uint32_t depth : own_depths(graph, step)) {
    if (depth != kNone) longest = std::max(longest, depth);
  }
  return longest + 1;
}

}  // namespace wfr
