// Edges that a file of pairs gives: rows by counting, and the level that holds every pair.
#include "runtime/plan/graph.hpp"

#include <algorithm>
#include <utility>

namespace wfr {

namespace {

using PairList = std::vector<std::pair<TaskIndex, TaskIndex>>;  // producer, consumer

// Rows by the one member of each pair, of the other; in a row as in the list.
template <class RowOf, class TaskOf>
Csr rows_of(const PairList& pairs,
            std::uint32_t rows,
            const RowOf& row_of,
            const TaskOf& task_of,
            Storage& storage) {
  std::vector<std::uint32_t> begin(rows + std::size_t{1});
  for (const auto& pair : pairs) ++begin[row_of(pair) + 1];
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
  std::vector<TaskIndex> tasks(pairs.size());
  for (const auto& pair : pairs) tasks[next[row_of(pair)]++] = task_of(pair);
  return {storage.keep(std::move(begin)), storage.keep(std::move(tasks))};
}

bool all_below_one(const TaskGraph& graph, const Edge& edge, LevelId via, const PairList& pairs) {
  const InstanceSet& from = graph.tasks(edge.from);
  const InstanceSet& to = graph.tasks(edge.to);
  return std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
    return graph.tree.ancestor(from.level, from.node_at(pair.first), via) ==
           graph.tree.ancestor(to.level, to.node_at(pair.second), via);
  });
}

}  // namespace

void set_pairs(TaskGraph& graph, Edge& edge, const PairList& pairs) {
  const InstanceSet& from = graph.tasks(edge.from);
  const InstanceSet& to = graph.tasks(edge.to);
  edge.via = graph.tree.lowest_common(from.level, to.level);
  while (edge.via != kRootLevel && !all_below_one(graph, edge, edge.via, pairs)) {
    edge.via = graph.tree.level(edge.via).under;
  }
  const auto producer = [](const auto& pair) { return pair.first; };
  const auto consumer = [](const auto& pair) { return pair.second; };
  PairList by_consumer = pairs;
  std::stable_sort(by_consumer.begin(), by_consumer.end(), [&](const auto& a, const auto& b) {
    return consumer(a) < consumer(b);
  });
  edge.pairs = Pairs{rows_of(pairs, to.count, consumer, producer, graph.storage),
                     rows_of(by_consumer, from.count, producer, consumer, graph.storage)};
}

}  // namespace wfr
