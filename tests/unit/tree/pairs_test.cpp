// Edges from a list of pairs, against looking through the list; and the two forms of a task list.
#include "runtime/plan/graph.hpp"
#include "tests/unit/tree/random_tree.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <catch2/catch.hpp>

namespace {

using wfr::LevelId;
using wfr::Range;
using wfr::StepId;
using wfr::TaskIndex;
using wfr::TaskList;
using Pairs = std::vector<std::pair<TaskIndex, TaskIndex>>;
using Indices = std::vector<TaskIndex>;

Indices all_of(const TaskList& tasks) {
  Indices indices;
  for (const TaskIndex task : tasks) indices.push_back(task);
  return indices;
}

wfr::TaskGraph two_steps(std::mt19937& random) {
  wfr::TaskGraph graph;
  graph.tree = wfc::test::random_tree(random);
  const auto last = static_cast<int>(graph.tree.levels.size()) - 1;
  std::bernoulli_distribution coin(0.8);
  for (int s = 0; s < 2; ++s) {
    const LevelId level{
        static_cast<std::uint16_t>(std::uniform_int_distribution<int>(1, last)(random))};
    std::vector<bool> selected(graph.tree.level(level).size());
    for (std::size_t i = 0; i < selected.size(); ++i) selected[i] = coin(random);
    graph.instances.push_back(wfr::make_instances(level, selected, graph.storage));
  }
  return graph;
}

Pairs random_pairs(const wfr::TaskGraph& graph, std::mt19937& random) {
  std::set<std::pair<TaskIndex, TaskIndex>> different;
  if (graph.instances[0].count > 0 && graph.instances[1].count > 0) {
    std::uniform_int_distribution<TaskIndex> from(0, graph.instances[0].count - 1);
    std::uniform_int_distribution<TaskIndex> to(0, graph.instances[1].count - 1);
    for (int i = 0; i < 30; ++i) different.emplace(from(random), to(random));
  }
  Pairs pairs(different.begin(), different.end());
  std::shuffle(pairs.begin(), pairs.end(), random);
  return pairs;
}

bool share(const wfr::TaskGraph& graph, const Pairs& pairs, LevelId level) {
  return std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
    const auto above = [&](std::size_t step, TaskIndex task) {
      const wfr::InstanceSet& set = graph.instances[step];
      return graph.tree.ancestor(set.level, set.node_at(task), level);
    };
    return above(0, pair.first) == above(1, pair.second);
  });
}

}  // namespace

TEST_CASE("pairs are found from both ends, producers in the order of the list") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    wfr::TaskGraph graph = two_steps(random);
    const Pairs pairs = random_pairs(graph, random);
    wfr::Edge edge{StepId{0}, StepId{1}, {}, wfr::EdgeKind::Data};
    wfr::set_pairs(graph, edge, pairs);
    for (TaskIndex to = 0; to < graph.instances[1].count; ++to) {
      Indices expected;
      for (const auto& [f, t] : pairs) {
        if (t == to) expected.push_back(f);
      }
      CHECK(all_of(producers(graph, edge, to)) == expected);
    }
    for (TaskIndex from = 0; from < graph.instances[0].count; ++from) {
      Indices expected;
      for (const auto& [f, t] : pairs) {
        if (f == from) expected.push_back(t);
      }
      std::sort(expected.begin(), expected.end());
      CHECK(all_of(consumers(graph, edge, from)) == expected);
    }
    // The level is the finest that both steps lie below and that no pair leaves.
    CHECK(share(graph, pairs, edge.via));
    const LevelId common =
        graph.tree.lowest_common(graph.instances[0].level, graph.instances[1].level);
    for (LevelId level = common; level != edge.via; level = graph.tree.level(level).under) {
      CHECK_FALSE(share(graph, pairs, level));
      CHECK_FALSE(stays_inside(graph, edge, level));
    }
    CHECK(stays_inside(graph, edge, edge.via));
    CHECK(stays_inside(graph, edge, wfr::kRootLevel));
  }
}

TEST_CASE("a task list is a range or a view of indices") {
  const Indices indices{4, 5, 6, 2, 9, 10};
  const TaskList range = Range{3, 6};
  const TaskList list{std::span<const TaskIndex>(indices)};
  CHECK(all_of(range) == Indices{3, 4, 5});
  CHECK(all_of(list) == indices);
  CHECK(range.bounds() == Range{3, 6});
  CHECK(list.bounds() == Range{2, 11});
  CHECK(range.contains(5));
  CHECK_FALSE(range.contains(6));
  CHECK_FALSE(range.contains(2));
  CHECK(list.contains(9));
  CHECK_FALSE(list.contains(3));
  CHECK(range[2] == 5);
  CHECK(list[3] == 2);
  CHECK(range.run_at(1) == Range{4, 6});
  CHECK(list.run_at(0) == Range{4, 7});
  CHECK(list.run_at(3) == Range{2, 3});
  CHECK(list.run_at(4) == Range{9, 11});
  CHECK(list == TaskList{std::span<const TaskIndex>(indices)});
  CHECK_FALSE(list == range);
  const Indices same{3, 4, 5};
  CHECK(TaskList{std::span<const TaskIndex>(same)} == range);
  CHECK(TaskList{Range{}} == TaskList{std::span<const TaskIndex>()});
  CHECK(TaskList{Range{7, 7}}.empty());
}
