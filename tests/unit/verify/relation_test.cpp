// Ranges against a look at every task.
#include "compiler/slurm/verify_relation.hpp"
#include "compiler/slurm/verify_tasks.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <random>

#include <catch2/catch.hpp>

namespace wfc::readback {
namespace {

using test::Example;
using test::kChannel;
using test::kSession;
using wfr::Range;
using wfr::TaskIndex;

// From 0 to `count` - 1.
std::uint32_t below(std::mt19937& random, std::size_t count) {
  return static_cast<std::uint32_t>(random() % count);
}

// Random steps at random levels, with random gaps and edges from earlier to later ones.
Example random_example(std::mt19937& random) {
  Example example(3, 4);
  constexpr LevelId kLevels[] = {wfr::kRootLevel, kSession, kChannel};
  const std::size_t steps = 2 + random() % 4;
  for (std::size_t s = 0; s < steps; ++s) {
    const LevelId level = kLevels[random() % 3];
    const StepId id = example.step(std::string(1, static_cast<char>('a' + s)), level);
    if (random() % 2 == 0) {
      std::vector<bool> keep(example.graph.tree.level(level).size());
      for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = random() % 3 != 0;
      keep[random() % keep.size()] = true;
      example.only(id, keep);
    }
    for (std::size_t from = 0; from < s; ++from) {
      if (random() % 2 == 0) continue;
      const StepId before{static_cast<std::uint32_t>(from)};
      LevelId via = example.graph.tree.lowest_common(example.graph.tasks(before).level, level);
      if (via != wfr::kRootLevel && random() % 3 == 0) via = example.graph.tree.level(via).under;
      example.edge(before, id, via);
    }
  }
  return example;
}

// blocked[step][task]: cannot run once `failed` has failed, one task at a time.
std::vector<std::vector<bool>> blocked_by(const Example& example, wfr::Task failed) {
  std::vector<std::vector<bool>> blocked;
  for (const auto& set : example.graph.instances) blocked.emplace_back(set.count, false);
  blocked[wfr::index_of(failed.step)][failed.index] = true;
  for (std::size_t s = 0; s < blocked.size(); ++s) {
    for (const wfr::Edge& edge : example.graph.edges) {
      if (wfr::index_of(edge.to) != s) continue;
      for (TaskIndex t = 0; t < blocked[s].size(); ++t) {
        for (const TaskIndex p : producers(example.graph, edge, t)) {
          if (blocked[wfr::index_of(edge.from)][p]) blocked[s][t] = true;
        }
      }
    }
  }
  return blocked;
}

Range random_range(std::mt19937& random, std::uint32_t count) {
  const std::uint32_t begin = below(random, count);
  return {begin, begin + 1 + below(random, count - begin)};
}

}  // namespace

TEST_CASE("what a failure blocks is what it blocks task by task") {
  std::mt19937 random(7);
  unsigned all_blocked = 0;
  for (int round = 0; round < 300; ++round) {
    Example example = random_example(random);
    Sink sink;
    const wfr::Plan plan = example.lower(sink);
    REQUIRE_FALSE(sink.has_errors());
    const StepIndex steps(plan);
    Blocking blocking(plan, steps);
    for (int question = 0; question < 10; ++question) {
      const std::uint32_t to = 1 + below(random, plan.steps.size() - 1);
      const std::uint32_t from = below(random, to);
      const Range failures = random_range(random, plan.graph.instances[from].count);
      const Range tasks = random_range(random, plan.graph.instances[to].count);
      bool expected = true;
      for (TaskIndex f = failures.begin; f < failures.end; ++f) {
        const auto blocked = blocked_by(example, {StepId{from}, f});
        for (TaskIndex t = tasks.begin; t < tasks.end; ++t) expected = expected && blocked[to][t];
      }
      const auto exception = blocking.exception(StepId{from}, failures, StepId{to}, tasks);
      CHECK(exception.has_value() != expected);
      all_blocked += expected ? 1 : 0;
      if (!exception) continue;
      const auto blocked = blocked_by(example, exception->first);
      CHECK(failures.contains(exception->first.index));
      CHECK(tasks.contains(exception->second.index));
      CHECK_FALSE(blocked[to][exception->second.index]);
    }
  }
  CHECK(all_blocked > 200);
}

TEST_CASE("relations and the tasks of blocks are counted as one by one") {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    Example example = random_example(random);
    Sink sink;
    const wfr::Plan plan = example.lower(sink);
    for (const wfr::Edge& edge : plan.graph.edges) {
      std::uint64_t expected = 0;
      for (TaskIndex t = 0; t < plan.graph.tasks(edge.to).count; ++t) {
        expected += producers(plan.graph, edge, t).size();
      }
      CHECK(count_relations(plan.graph, edge) == expected);
    }
    for (const wfr::Family& family : plan.families) {
      for (std::uint32_t block = 0; block < plan.maps[family.block_map].blocks(); ++block) {
        const auto expected = wfr::tasks_of_block(plan, family, block);
        for (std::size_t s = 0; s < expected.size(); ++s) {
          CHECK(tasks_of_blocks(plan, family, s, {block, block + 1}) == expected[s].second);
        }
      }
    }
  }
}

}  // namespace wfc::readback
