// Draws steps, needs, pairs, gaps and limits, and families of steps that follow each other.
#include "tests/unit/slurm/random_workflow.hpp"

#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depths.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc::test {
namespace {

LevelId random_at_or_above(LevelId level, Chance& chance) {
  return LevelId{static_cast<std::uint16_t>(
      chance.below(static_cast<std::uint32_t>(wfr::index_of(level)) + 1))};
}

// Some of all pairs of tasks, or of those with the same index, so that they stay in a directory.
void random_pairs(Example& example, StepId from, StepId to, Chance& chance) {
  std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>> list;
  const bool own = chance.one_in(2);
  for (std::uint32_t t = 0; t < example.graph.tasks(to).count; ++t) {
    for (std::uint32_t f = 0; f < example.graph.tasks(from).count; ++f) {
      if (own ? f == t && !chance.one_in(5) : chance.one_in(3)) list.push_back({f, t});
    }
  }
  example.pairs(from, to, list);
}

// Tasks of one step that wait for each other, without a circle: along a random order of them, all
// over the tree or among the channels of one session.
void random_own_pairs(Example& example, StepId step, Chance& chance) {
  const wfr::InstanceSet& tasks = example.graph.tasks(step);
  std::vector<wfr::TaskIndex> order(tasks.count);
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const bool by_name = chance.one_in(2);
  if (!by_name) std::shuffle(order.begin(), order.end(), chance.engine);
  const bool below_one = tasks.level == kChannel && chance.one_in(2);
  const std::uint32_t odds = 1 + chance.below(5);
  std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>> list;
  for (std::size_t to = 0; to < order.size(); ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      const auto session = [&](std::size_t at) {
        return example.graph.tree.ancestor(kChannel, tasks.node_at(order[at]), kSession);
      };
      if (below_one && session(from) != session(to)) continue;
      if (chance.one_in(odds) || (from + 1 == to && by_name))
        list.push_back({order[from], order[to]});
    }
  }
  example.pairs(step, step, list);
}

}  // namespace

Example random_workflow(Chance& chance) {
  Example example(1 + chance.below(4), 1 + chance.below(5));
  const std::uint32_t steps = 2 + chance.below(6);
  for (std::uint32_t s = 0; s < steps; ++s) {
    const LevelId each{static_cast<std::uint16_t>(chance.one_in(6) ? 0 : 1 + chance.below(2))};
    const StepId id = example.step(fmt::format("s{}", s), each);
    wfr::StepSpec& spec = example.workflow.steps.back().spec;
    spec.resources.cpus = 1 + chance.below(3);
    if (chance.one_in(5)) spec.limit = 1 + chance.below(6);
    if (each != wfr::kRootLevel && chance.one_in(3)) {
      std::vector<bool> keep(example.graph.tree.level(each).size());
      for (std::size_t node = 0; node < keep.size(); ++node) keep[node] = !chance.one_in(3);
      keep[0] = true;
      example.only(id, keep);
    }
    for (std::uint32_t from = 0; from < s; ++from) {
      if (!chance.one_in(from + 1 == s ? 2 : 4)) continue;
      if (chance.one_in(6)) {
        random_pairs(example, StepId{from}, id, chance);
        continue;
      }
      const LevelId other = example.workflow.steps[from].spec.each;
      LevelId via = example.graph.tree.lowest_common(other, each);
      if (chance.one_in(4)) via = random_at_or_above(via, chance);
      example.edge(StepId{from}, id, via);
    }
    if (each != wfr::kRootLevel && chance.one_in(4)) random_own_pairs(example, id, chance);
  }
  if (chance.one_in(4)) {
    example.workflow.jobs.split = LevelId{static_cast<std::uint16_t>(chance.below(3))};
  }
  Site& site = example.workflow.site;
  site.max_array_size = chance.one_in(2) ? 1001 : 1 + chance.below(7);
  site.max_submissions = 100000;
  site.correspond_after_task_cnt = chance.one_in(3) ? 10 : 1 + chance.below(4);
  return example;
}

// Runs of steps that follow each other become families, so that the families are acyclic.
JobGraph random_partition(const Example& example, Chance& chance) {
  JobGraph jobs;
  jobs.split = {example.workflow.jobs.split, 1 + chance.below(4)};
  const wfr::Tree& tree = example.graph.tree;
  const bool pack = chance.one_in(2);
  for (std::uint16_t level = 0; level < 3; ++level) {
    const std::uint32_t nodes = tree.level(LevelId{level}).size();
    jobs.maps.push_back(packed_map(LevelId{level}, nodes, 1, jobs));
    jobs.maps.push_back(packed_map(LevelId{level}, nodes, 2 + chance.below(3), jobs));
  }
  for (std::uint32_t s = 0; s < example.workflow.steps.size(); ++s) {
    const LevelId each = example.workflow.steps[s].spec.each;
    if (!jobs.families.empty() && chance.one_in(2)) {
      wfr::Family& last = jobs.families.back();
      const LevelId level = jobs.maps[last.block_map].level;
      const bool fits = tree.is_at_or_above(level, each) &&
                        std::all_of(example.graph.edges.begin(),
                                    example.graph.edges.end(),
                                    [&](const wfr::Edge& edge) {
                                      const bool inside = edge.to == StepId{s} &&
                                                          std::find(last.steps.begin(),
                                                                    last.steps.end(),
                                                                    edge.from) != last.steps.end();
                                      return !inside || tree.is_at_or_above(level, edge.via);
                                    }) &&
                        !leaves_by_pairs(example.graph, StepId{s}, level) &&
                        !leaves_by_pairs(example.graph, last.steps.front(), level);
      if (fits) {
        last.steps.push_back(StepId{s});
        continue;
      }
    }
    const LevelId level = chance.one_in(2) ? each : random_at_or_above(each, chance);
    wfr::Family family;
    family.steps = {StepId{s}};
    family.block_map =
        static_cast<std::uint32_t>(wfr::index_of(level)) * 2 + (pack && chance.one_in(2) ? 1U : 0U);
    const bool waits = leaves_by_pairs(example.graph, StepId{s}, level);
    if (waits && chance.one_in(2)) {
      wfr::BlockMap map = packed_map(level, tree.level(level).size(), 1, jobs);
      const NodePairs nodes = pairs_of_blocks(example.graph, map, family.steps);
      const std::uint32_t band = nodes.depths ? chance.below(4) : 0;
      add_clusters(make_clusters(nodes, band, 1 + chance.below(3)), map, jobs.storage);
      family.block_map = static_cast<std::uint32_t>(jobs.maps.size());
      jobs.maps.push_back(map);
    } else if (!pairs_of_blocks(example.graph, jobs.maps[family.block_map], family.steps).depths) {
      // A job a task: without a circle among the tasks there is none.
      family.block_map = static_cast<std::uint32_t>(wfr::index_of(each)) * 2;
    }
    family.job.cpus = 1 + chance.below(6);
    jobs.families.push_back(family);
  }
  return jobs;
}

}  // namespace wfc::test
