// Sets of tasks, pairs and arrays, without those that have nothing to run.
#include "compiler/commands/rest_of_plan.hpp"

#include <algorithm>
#include <utility>

namespace wfc {
namespace {

using wfr::TaskIndex;

// Its tasks that run, in their order; finalizers stay as they are.
wfr::InstanceSet rest_of_tasks(const wfr::Plan& plan,
                               const wfr::Decision& decision,
                               wfr::StepId step,
                               wfr::Storage& storage) {
  const wfr::InstanceSet& all = plan.graph.tasks(step);
  if (plan.step(step).finalizer != wfr::FinalizerKind::None) return all;
  std::vector<bool> selected(all.nodes);
  for (TaskIndex i = 0; i < all.count; ++i) {
    if (decision.fate({step, i}) == wfr::Fate::Runs) selected[all.node_at(i)] = true;
  }
  return wfr::make_instances(all.level, selected, storage);
}

void renumber_pairs(const wfr::Plan& before, wfr::Edge& edge, wfr::Plan& rest) {
  const wfr::InstanceSet& all_from = before.graph.tasks(edge.from);
  const wfr::InstanceSet& all_to = before.graph.tasks(edge.to);
  const wfr::InstanceSet& from = rest.graph.tasks(edge.from);
  const wfr::InstanceSet& to = rest.graph.tasks(edge.to);
  std::vector<std::pair<TaskIndex, TaskIndex>> pairs;
  for (TaskIndex i = 0; i < all_to.count; ++i) {
    const wfr::Ordinal waiting = all_to.node_at(i);
    if (!to.contains(waiting)) continue;
    for (const TaskIndex one : edge.pairs->producers.row(i)) {
      const wfr::Ordinal needed = all_from.node_at(one);
      if (from.contains(needed)) pairs.emplace_back(from.rank_of(needed), to.rank_of(waiting));
    }
  }
  set_pairs(rest.graph, edge, pairs);
}

// The indices whose blocks have a task left.
std::vector<wfr::Range> rest_of_indices(const wfr::Plan& rest, const wfr::JobArray& array) {
  const wfr::Family& family = rest.families[wfr::index_of(array.family)];
  std::vector<wfr::Range> indices;
  for (const wfr::Range& range : array.indices) {
    for (std::uint32_t index = range.begin; index < range.end; ++index) {
      const wfr::StepRanges tasks = tasks_of_block(rest, family, array.first_block + index);
      const bool any = std::any_of(
          tasks.begin(), tasks.end(), [](const auto& entry) { return !entry.second.empty(); });
      if (any) indices.push_back({index, index + 1});
    }
  }
  wfr::join_ranges(indices);
  return indices;
}

}  // namespace

wfr::Plan rest_of_plan(const wfr::Plan& plan, const wfr::Decision& decision) {
  wfr::Plan rest = plan;
  for (const wfr::StepId step : plan.order) {
    rest.graph.instances[wfr::index_of(step)] =
        rest_of_tasks(plan, decision, step, rest.graph.storage);
  }
  for (wfr::Edge& edge : rest.graph.edges) {
    if (edge.pairs) renumber_pairs(plan, edge, rest);
  }
  rest.arrays.clear();
  std::vector<std::uint32_t> place(plan.arrays.size(), wfr::kNone);
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    wfr::JobArray array = plan.arrays[a];
    // Later passes go with what they repeat.
    const bool follows = !rest.arrays.empty() && rest.arrays.back().family == array.family;
    if (!array.repeats()) array.indices = rest_of_indices(rest, array);
    if (array.repeats() ? !follows : array.indices.empty()) continue;
    std::vector<wfr::Dependency> after;
    for (wfr::Dependency wait : array.after) {
      const std::uint32_t on = place[wfr::index_of(wait.on)];
      // What is not there is done.
      if (on == wfr::kNone) continue;
      wait.on = wfr::ArrayId{on};
      after.push_back(wait);
    }
    array.after = std::move(after);
    place[a] = static_cast<std::uint32_t>(rest.arrays.size());
    rest.arrays.push_back(std::move(array));
  }
  return rest;
}

}  // namespace wfc
