// Rank and select, and both directions of an edge, against counting one by one.
#include "runtime/plan/graph.hpp"
#include "tests/unit/tree/random_tree.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

namespace {

using wfr::InstanceSet;
using wfr::LevelId;
using wfr::Ordinal;
using wfr::Range;
using wfr::StepId;
using wfr::TaskIndex;

std::vector<bool> random_subset(std::uint32_t nodes, double share, std::mt19937& random) {
  std::vector<bool> selected(nodes);
  std::bernoulli_distribution coin(share);
  for (std::uint32_t i = 0; i < nodes; ++i) selected[i] = coin(random);
  return selected;
}

void check_set(const InstanceSet& set, const std::vector<bool>& selected) {
  TaskIndex rank = 0;
  for (Ordinal node = 0; node < selected.size(); ++node) {
    CHECK(set.contains(node) == selected[node]);
    CHECK(set.rank_of(node) == rank);
    if (selected[node]) CHECK(set.node_at(rank++) == node);
  }
  CHECK(set.rank_of(static_cast<Ordinal>(selected.size())) == rank);
  CHECK(set.count == rank);
  CHECK_FALSE(set.contains(static_cast<Ordinal>(selected.size())));
}

// Steps on random levels with random subsets, and an edge between each two of them.
wfr::TaskGraph random_graph(std::mt19937& random) {
  wfr::TaskGraph graph;
  graph.tree = wfc::test::random_tree(random);
  const int last = static_cast<int>(graph.tree.levels.size()) - 1;
  for (int s = 0; s < 4; ++s) {
    const LevelId level{
        static_cast<std::uint16_t>(std::uniform_int_distribution<int>(0, last)(random))};
    const std::uint32_t nodes = graph.tree.level(level).size();
    const double share = std::uniform_int_distribution<int>(0, 2)(random) * 0.5;
    graph.instances.push_back(
        wfr::make_instances(level, random_subset(nodes, share, random), graph.storage));
  }
  for (std::uint32_t from = 0; from < 4; ++from) {
    for (std::uint32_t to = 0; to < 4; ++to) {
      const LevelId common =
          graph.tree.lowest_common(graph.instances[from].level, graph.instances[to].level);
      graph.edges.push_back({StepId{from}, StepId{to}, common, wfr::EdgeKind::Data});
      graph.edges.push_back({StepId{from}, StepId{to}, wfr::kRootLevel, wfr::EdgeKind::Order});
    }
  }
  return graph;
}

void check_edge(const wfr::TaskGraph& graph, const wfr::Edge& edge) {
  const InstanceSet& from = graph.tasks(edge.from);
  const InstanceSet& to = graph.tasks(edge.to);
  for (TaskIndex t = 0; t < to.count; ++t) {
    const Ordinal above_t = graph.tree.ancestor(to.level, to.node_at(t), edge.via);
    const wfr::TaskList made = wfr::producers(graph, edge, t);
    for (TaskIndex f = 0; f < from.count; ++f) {
      const Ordinal above_f = graph.tree.ancestor(from.level, from.node_at(f), edge.via);
      CHECK(made.contains(f) == (above_t == above_f));
      CHECK(wfr::consumers(graph, edge, f).contains(t) == (above_t == above_f));
    }
  }
}

}  // namespace

TEST_CASE("a task's index is the rank of its node") {
  std::mt19937 random(64);
  wfr::Storage storage;
  for (const std::uint32_t nodes : {0U, 1U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U}) {
    for (const double share : {0.0, 0.02, 0.5, 0.98, 1.0}) {
      const std::vector<bool> selected = random_subset(nodes, share, random);
      check_set(wfr::make_instances(LevelId{1}, selected, storage), selected);
    }
  }
}

TEST_CASE("every node selected needs no bitmap") {
  wfr::Storage storage;
  const InstanceSet set = wfr::make_instances(LevelId{1}, std::vector<bool>(100, true), storage);
  CHECK(set.bits.empty());
  CHECK(set.rank.empty());
  CHECK(set.count == 100);
  const InstanceSet none = wfr::make_instances(LevelId{1}, std::vector<bool>(100, false), storage);
  CHECK(none.count == 0);
  CHECK(none.tasks_in({0, 100}).empty());
}

TEST_CASE("producers and consumers agree with each other and with the tree") {
  std::mt19937 random(124);
  for (int round = 0; round < 60; ++round) {
    const wfr::TaskGraph graph = random_graph(random);
    for (const wfr::Edge& edge : graph.edges) check_edge(graph, edge);
  }
}
