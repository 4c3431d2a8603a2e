// Tasks and their relations, symbolically: a bitmap a step and a level an edge, nothing per task.
#pragma once

#include "runtime/plan/ids.hpp"
#include "runtime/plan/storage.hpp"
#include "runtime/plan/task_list.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace wfr {

// The nodes of one level at which a step has a task. A task's index is the rank of its node.
struct InstanceSet {
  LevelId level{};
  std::uint32_t nodes = 0;              // of the level
  std::uint32_t count = 0;              // tasks
  std::span<const std::uint64_t> bits;  // ceil(nodes / 64) words; empty: every node
  std::span<const std::uint32_t>
      rank;  // tasks before each word, one more entry than words; empty as `bits`

  [[nodiscard]] bool contains(Ordinal node) const;
  // Tasks at nodes below `node`: the task's index if contains(node). O(1).
  [[nodiscard]] TaskIndex rank_of(Ordinal node) const;
  // The node of a task. O(log words).
  [[nodiscard]] Ordinal node_at(TaskIndex index) const;
  // The tasks at the nodes of a range of ordinals: one range. O(1).
  [[nodiscard]] Range tasks_in(Range nodes_range) const;
};

// All nodes of the level.
InstanceSet all_nodes(LevelId level, std::uint32_t nodes);
// From one flag a node; collapses to the dense form when every node is in.
InstanceSet make_instances(LevelId level, const std::vector<bool>& selected, Storage& storage);

enum class EdgeKind : std::uint8_t { Data, Order };  // `needs` or `after`

// One list a row, end to end (compressed sparse rows): row i is tasks[begin[i], begin[i+1]).
struct Csr {
  std::span<const std::uint32_t> begin;  // rows + 1
  std::span<const TaskIndex> tasks;
  [[nodiscard]] TaskList row(std::uint32_t i) const {
    return TaskList(tasks.subspan(begin[i], begin[i + 1] - begin[i]));
  }
};

// A relation that no level explains, both ways.
struct Pairs {
  Csr producers;  // by task of `to`, each row in the order of the author's file, none twice
  Csr consumers;  // by task of `from`, ascending
};

// Task t of `to` waits for every task of `from` below t's ancestor at level `via`, or, with
// `pairs`, for those of its row only. `via` is at or above the levels of both. With pairs it is the
// finest such level at which the two ends of every pair share a directory: whatever holds for all
// tasks below one directory of `via` holds for the pairs too.
struct Edge {
  StepId from{};
  StepId to{};
  LevelId via{};
  EdgeKind kind = EdgeKind::Data;
  std::optional<Pairs> pairs = std::nullopt;
};

struct TaskGraph {
  Tree tree;
  std::vector<InstanceSet> instances;  // by StepId; finalizers have one task at the root
  std::vector<Edge> edges;
  Storage storage;

  [[nodiscard]] const InstanceSet& tasks(StepId step) const { return instances[index_of(step)]; }
};

// Indices within the `from` step of everything task `to_index` waits for: a range, or a row of the
// edge's pairs. O(depth).
TaskList producers(const TaskGraph& graph, const Edge& edge, TaskIndex to_index);
// Indices within the `to` step of everything that waits for task `from_index`. O(depth).
TaskList consumers(const TaskGraph& graph, const Edge& edge, TaskIndex from_index);

// Both directions of (producer, consumer) pairs, none twice, in the order of the file; the level of
// `edge` is set too. The numbers of tasks are those of the graph's sets.
void set_pairs(TaskGraph& graph,
               Edge& edge,
               const std::vector<std::pair<TaskIndex, TaskIndex>>& pairs);

// The depth of each task of a step that needs itself through pairs: 0 where it waits for no other
// of them, else one more than the deepest that it waits for; kNone on a circle and behind it. Empty
// when no edge relates the step with itself. Kahn's algorithm (A. B. Kahn, "Topological sorting of
// large networks", Communications of the ACM 5, 1962). O(tasks + pairs).
std::vector<std::uint32_t> own_depths(const TaskGraph& graph, StepId step);
// The tasks of such a step by depth, then by index: each after all that it waits for. Without those
// on a circle. Empty as own_depths().
std::vector<TaskIndex> own_order(const TaskGraph& graph, StepId step);
// The number of tasks of the step that wait for each other one after the other: 1 when none does.
std::uint32_t longest_own_path(const TaskGraph& graph, StepId step);
// Calls use(task) for every task of any step, each after those of the step that it waits for.
template <class Use>
void for_each_in_order(const TaskGraph& graph, StepId step, const Use& use) {
  const std::vector<TaskIndex> order = own_order(graph, step);
  if (order.empty()) {
    for (TaskIndex task = 0; task < graph.tasks(step).count; ++task) use(task);
  }
  for (const TaskIndex task : order) use(task);
}

// True if both ends of everything the edge relates lie below one directory of `level`: such an edge
// may be inside a job that runs all tasks below one directory of the level.
bool stays_inside(const TaskGraph& graph, const Edge& edge, LevelId level);

}  // namespace wfr
