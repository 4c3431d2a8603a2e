// Walks the edges of the task graph by ranges.
#include "compiler/slurm/verify_relation.hpp"

#include <algorithm>
#include <bit>

namespace wfc::readback {
namespace {

using wfr::Edge;
using wfr::InstanceSet;
using wfr::Ordinal;
using wfr::Plan;
using wfr::Range;
using wfr::StepId;
using wfr::TaskGraph;
using wfr::TaskIndex;

// All that one directory of the edge's level relates: each of `consumers` needs each of
// `producers`.
struct Group {
  Range producers;
  Range consumers;
};

Group group_at(const TaskGraph& graph, const Edge& edge, Ordinal node) {
  const InstanceSet& from = graph.tasks(edge.from);
  const InstanceSet& to = graph.tasks(edge.to);
  const Range here{node, node + 1};
  return {from.tasks_in(graph.tree.descendants(edge.via, here, from.level)),
          to.tasks_in(graph.tree.descendants(edge.via, here, to.level))};
}

Ordinal via_of(const TaskGraph& graph, const Edge& edge, StepId step, TaskIndex task) {
  const InstanceSet& set = graph.tasks(step);
  return graph.tree.ancestor(set.level, set.node_at(task), edge.via);
}

Range common(Range a, Range b) {
  const Range both{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return both.empty() ? Range{0, 0} : both;
}

std::uint64_t size_of(Range range) {
  return range.empty() ? 0 : range.size();
}

// Adds to a list of ascending ranges; `range` begins after the begin of the last.
void append(std::vector<Range>& ranges, Range range) {
  if (range.empty()) return;
  if (!ranges.empty() && range.begin <= ranges.back().end) {
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

std::vector<Range> merged(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](Range a, Range b) { return a.begin < b.begin; });
  std::vector<Range> result;
  for (const Range& range : ranges) append(result, range);
  return result;
}

// Everything that waits for one of `failed`.
std::vector<Range> consumers_of(const TaskGraph& graph,
                                const Edge& edge,
                                const std::vector<Range>& failed) {
  std::vector<Range> waiting;
  if (edge.pairs) {
    for (const Range& range : failed) {
      for (TaskIndex task = range.begin; task < range.end; ++task) {
        for (const TaskIndex to : consumers(graph, edge, task)) waiting.push_back({to, to + 1});
      }
    }
    return merged(std::move(waiting));
  }
  for (const Range& range : failed) {
    for (TaskIndex task = range.begin; task < range.end;) {
      const Group group = group_at(graph, edge, via_of(graph, edge, edge.from, task));
      append(waiting, group.consumers);
      task = group.producers.end;
    }
  }
  return waiting;
}

// All that is blocked within one step whose tasks wait for each other.
void add_own_consumers(const TaskGraph& graph, const Edge& edge, std::vector<Range>& blocked) {
  std::vector<bool> seen(graph.tasks(edge.to).count);
  std::vector<TaskIndex> open;
  for (const Range& range : blocked) {
    for (TaskIndex task = range.begin; task < range.end; ++task) {
      seen[task] = true;
      open.push_back(task);
    }
  }
  for (std::size_t next = 0; next < open.size(); ++next) {
    for (const TaskIndex to : consumers(graph, edge, open[next])) {
      if (seen[to]) continue;
      seen[to] = true;
      open.push_back(to);
      blocked.push_back({to, to + 1});
    }
  }
  blocked = merged(std::move(blocked));
}

}  // namespace

std::uint64_t count_relations(const TaskGraph& graph, const Edge& edge) {
  const InstanceSet& from = graph.tasks(edge.from);
  const InstanceSet& to = graph.tasks(edge.to);
  std::uint64_t total = 0;
  if (edge.pairs) {
    for (TaskIndex task = 0; task < to.count; ++task) total += producers(graph, edge, task).size();
    return total;
  }
  if (from.level == edge.via && to.level == edge.via) {
    if (from.bits.empty() || to.bits.empty()) return std::min(from.count, to.count);
    for (std::size_t w = 0; w < from.bits.size(); ++w) {
      total += static_cast<std::uint64_t>(std::popcount(from.bits[w] & to.bits[w]));
    }
    return total;
  }
  for (Ordinal node = 0; node < graph.tree.level(edge.via).size(); ++node) {
    const Group group = group_at(graph, edge, node);
    total += size_of(group.producers) * size_of(group.consumers);
  }
  return total;
}

Range producers_of(const TaskGraph& graph, const Edge& edge, Range tasks) {
  if (!edge.pairs) {
    return {producers(graph, edge, tasks.begin).bounds().begin,
            producers(graph, edge, tasks.end - 1).bounds().end};
  }
  Range all{0, 0};
  for (TaskIndex task = tasks.begin; task < tasks.end; ++task) {
    const Range some = producers(graph, edge, task).bounds();
    if (some.empty()) continue;
    all = all.empty() ? some : Range{std::min(all.begin, some.begin), std::max(all.end, some.end)};
  }
  return all;
}

StepIndex::StepIndex(const Plan& plan)
    : out_of(plan.steps.size()), position(plan.steps.size(), wfr::kNone) {
  for (const Edge& edge : plan.graph.edges) out_of[wfr::index_of(edge.from)].push_back(&edge);
  for (std::uint32_t i = 0; i < plan.order.size(); ++i) position[wfr::index_of(plan.order[i])] = i;
}

std::optional<std::pair<wfr::Task, wfr::Task>> Blocking::exception(StepId failed,
                                                                   Range failures,
                                                                   StepId blocked,
                                                                   Range tasks) {
  if (failures.empty() || tasks.empty()) return std::nullopt;
  const auto holds_all = [&](Range sure) {
    return sure.begin <= failures.begin && failures.end <= sure.end;
  };
  Range sure = directly_blocking(failed, blocked, tasks);
  if (!holds_all(sure)) sure = surely_blocking(failed, blocked, tasks);
  if (holds_all(sure)) return std::nullopt;
  for (TaskIndex task = failures.begin; task < failures.end; ++task) {
    if (sure.contains(task)) continue;
    const std::optional<TaskIndex> free = not_blocked({failed, task}, blocked, tasks);
    if (free) return std::pair{wfr::Task{failed, task}, wfr::Task{blocked, *free}};
  }
  return std::nullopt;
}

// Tasks that all of `tasks` wait for below one directory of one edge's level. What pairs block does
// not show by ranges.
Range Blocking::directly_blocking(StepId failed, StepId blocked, Range tasks) const {
  Range best{0, 0};
  for (const Edge* edge : out_of(failed)) {
    if (edge->to != blocked || edge->pairs) continue;
    const Ordinal node = via_of(plan_.graph, *edge, blocked, tasks.begin);
    if (node != via_of(plan_.graph, *edge, blocked, tasks.end - 1)) continue;
    const Range found = group_at(plan_.graph, *edge, node).producers;
    if (size_of(found) > size_of(best)) best = found;
  }
  return best;
}

// A range of tasks, each of which blocks all of `tasks`; empty when that does not show by ranges.
// From the last step before `blocked` back to `failed`: a task that blocks them directly, or one
// that has a consumer of which it is known.
Range Blocking::surely_blocking(StepId failed, StepId blocked, Range tasks) {
  const std::uint32_t first = position(failed);
  const std::uint32_t last = position(blocked);
  if (first >= last || last == wfr::kNone) return {0, 0};
  std::vector<Range>& sure =
      found_[{static_cast<std::uint32_t>(blocked), {tasks.begin, tasks.end}}];
  const auto known = [&](StepId step) {
    const std::size_t back = std::size_t{last} - 1 - position(step);
    return back < sure.size() ? sure[back] : Range{0, 0};
  };
  while (sure.size() < last - first) {
    const StepId step = plan_.order[last - 1 - sure.size()];
    Range best = directly_blocking(step, blocked, tasks);
    for (const Edge* edge : out_of(step)) {
      if (edge->pairs || known(edge->to).empty()) continue;
      const Range found = with_consumer_in(*edge, known(edge->to));
      if (size_of(found) > size_of(best)) best = found;
    }
    sure.push_back(best);
  }
  return known(failed);
}

// All tasks below the directories of `consumers`, if each of them has one of `consumers`.
Range Blocking::with_consumer_in(const Edge& edge, Range consumers) const {
  const Range all = producers_of(plan_.graph, edge, consumers);
  const InstanceSet& from = plan_.graph.tasks(edge.from);
  const InstanceSet& to = plan_.graph.tasks(edge.to);
  const bool same_level = from.level == edge.via && to.level == edge.via;
  if (same_level && to.bits.empty()) return all;
  for (TaskIndex task = all.begin; task < all.end;) {
    const Group group = group_at(plan_.graph, edge, via_of(plan_.graph, edge, edge.from, task));
    if (common(group.consumers, consumers).empty()) return {0, 0};
    task = group.producers.end;
  }
  return all;
}

// The first of `tasks` that may run although `failed` has failed: everything that it blocks, step
// by step, up to theirs.
std::optional<TaskIndex> Blocking::not_blocked(wfr::Task failed,
                                               StepId blocked,
                                               Range tasks) const {
  std::map<std::uint32_t, std::vector<Range>> reached;  // by position
  reached[position(failed.step)] = {{failed.index, failed.index + 1}};
  TaskIndex next = tasks.begin;
  while (!reached.empty() && reached.begin()->first <= position(blocked)) {
    const std::uint32_t at = reached.begin()->first;
    const StepId step = plan_.order[at];
    std::vector<Range> here = merged(std::move(reached.begin()->second));
    reached.erase(reached.begin());
    for (const Edge* edge : out_of(step)) {
      if (edge->to == step) add_own_consumers(plan_.graph, *edge, here);
    }
    if (step == blocked) {
      for (const Range& range : here) {
        if (range.contains(next)) next = range.end;
      }
      break;
    }
    for (const Edge* edge : out_of(step)) {
      if (position(edge->to) <= at) continue;
      const std::vector<Range> waiting = consumers_of(plan_.graph, *edge, here);
      std::vector<Range>& there = reached[position(edge->to)];
      there.insert(there.end(), waiting.begin(), waiting.end());
    }
  }
  if (next >= tasks.end) return std::nullopt;
  return next;
}

}  // namespace wfc::readback
