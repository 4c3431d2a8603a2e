// Chooses every job array's dependencies and drops those that others imply.
#include "compiler/slurm/dependencies.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/index_list.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace wfc {
namespace {

using wfr::ArrayId;
using wfr::Dep;
using wfr::Edge;
using wfr::JobArray;
using wfr::Plan;
using wfr::Range;
using wfr::StepId;

const wfr::BlockMap& map_of(const Plan& plan, const JobArray& array) {
  return plan.maps[plan.families[wfr::index_of(array.family)].block_map];
}

const std::vector<StepId>& steps_of(const Plan& plan, const JobArray& array) {
  return plan.families[wfr::index_of(array.family)].steps;
}

bool holds(const std::vector<StepId>& steps, StepId id) {
  return std::find(steps.begin(), steps.end(), id) != steps.end();
}

Range tasks_of(const Plan& plan, const JobArray& array, StepId step) {
  return tasks_in_blocks(plan, map_of(plan, array), step, block_span(array));
}

bool overlap(Range a, Range b) {
  return std::max(a.begin, b.begin) < std::min(a.end, b.end);
}

// What the tasks of one array wait for over one edge. Producers grow with the consumer, so the
// first and the last one bound them.
struct Reach {
  const Edge* edge = nullptr;
  Range all;
  bool same_for_each = false;  // each task waits for all of `all`
  bool somebody = false;       // each task waits for one at least
};

Reach paired_reach(const Plan& plan, const Edge& edge, Range tasks) {
  Reach reach{&edge, {}, true, true};
  for (wfr::TaskIndex task = tasks.begin; task < tasks.end; ++task) {
    const wfr::TaskList needed = producers(plan.graph, edge, task);
    const Range own = needed.bounds();
    reach.somebody = reach.somebody && !needed.empty();
    if (needed.empty()) {
      reach.same_for_each = false;
      continue;
    }
    // No producer comes twice in a row, so that as many as the bounds hold are all of them.
    const bool whole = own.size() == needed.size();
    reach.same_for_each = reach.same_for_each && whole && (reach.all.empty() || own == reach.all);
    reach.all = reach.all.empty()
                    ? own
                    : Range{std::min(reach.all.begin, own.begin), std::max(reach.all.end, own.end)};
  }
  return reach;
}

std::vector<Reach> reaches_of(const Plan& plan, const JobArray& array) {
  std::vector<Reach> reaches;
  for (const Edge& edge : plan.graph.edges) {
    if (!holds(steps_of(plan, array), edge.to)) continue;
    const Range tasks = tasks_of(plan, array, edge.to);
    if (tasks.empty()) continue;
    if (edge.pairs) {
      reaches.push_back(paired_reach(plan, edge, tasks));
      continue;
    }
    const Range first = producers(plan.graph, edge, tasks.begin).bounds();
    const Range last = producers(plan.graph, edge, tasks.end - 1).bounds();
    reaches.push_back({&edge, {first.begin, last.end}, first == last, true});
  }
  return reaches;
}

// One task at each node of the map: a failed index is a failed task.
bool one_task_a_block(const Plan& plan, const JobArray& array) {
  const wfr::BlockMap& map = map_of(plan, array);
  const std::vector<StepId>& steps = steps_of(plan, array);
  return !array.plain && steps.size() == 1 && map.begin.empty() &&
         plan.graph.tasks(steps.front()).level == map.level;
}

bool can_correspond(const Plan& plan,
                    const JobArray& before,
                    const JobArray& after,
                    const std::vector<Reach>& reaches) {
  const auto block_map = [&](const JobArray& array) {
    return plan.families[wfr::index_of(array.family)].block_map;
  };
  if (block_map(before) != block_map(after) || before.first_block != after.first_block)
    return false;
  if (!one_task_a_block(plan, before) || !one_task_a_block(plan, after)) return false;
  const wfr::LevelId level = map_of(plan, before).level;
  for (const Reach& reach : reaches) {
    if (reach.edge->via != level || !reach.somebody) return false;
  }
  // Positions in two tables agree only if the tables do.
  if (uses_table(before) || uses_table(after)) return before.indices == after.indices;
  return is_subset(after.indices, before.indices);
}

// True if every task of `before` is a producer of every task of `after`.
bool blocks_all(const Plan& plan,
                const JobArray& before,
                const JobArray& after,
                const std::vector<Reach>& reaches) {
  if (steps_of(plan, after).size() != 1) return false;
  std::set<StepId> covered;
  for (const Reach& reach : reaches) {
    const Range made = tasks_of(plan, before, reach.edge->from);
    if (reach.same_for_each && reach.all.begin <= made.begin && made.end <= reach.all.end) {
      covered.insert(reach.edge->from);
    }
  }
  const std::vector<StepId>& steps = steps_of(plan, before);
  return std::all_of(steps.begin(), steps.end(), [&](StepId id) {
    return covered.contains(id) || tasks_of(plan, before, id).empty();
  });
}

// The range of tasks that an array has of each step of its family; computed once.
using Made = std::vector<std::vector<std::pair<StepId, Range>>>;

Made made_by_arrays(const Plan& plan) {
  Made made(plan.arrays.size());
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    for (const StepId id : steps_of(plan, plan.arrays[a])) {
      made[a].emplace_back(id, tasks_of(plan, plan.arrays[a], id));
    }
  }
  return made;
}

std::vector<wfr::Dependency> dependencies_of(const Plan& plan,
                                             std::size_t later,
                                             const Made& made) {
  std::vector<wfr::Dependency> after;
  const JobArray& array = plan.arrays[later];
  const std::vector<Reach> reaches = reaches_of(plan, array);
  for (std::size_t earlier = 0; earlier < later; ++earlier) {
    const JobArray& before = plan.arrays[earlier];
    const auto on = static_cast<ArrayId>(earlier);
    if (before.family == array.family) {
      // A limit counts over the whole step: its chunks run one after the other.
      if (array.limit > 0 && earlier + 1 == later) after.push_back({Dep::AfterAny, on});
      continue;
    }
    std::vector<Reach> relevant;
    for (const Reach& reach : reaches) {
      for (const auto& [step, tasks] : made[earlier]) {
        if (step == reach.edge->from && overlap(reach.all, tasks)) relevant.push_back(reach);
      }
    }
    if (relevant.empty()) continue;
    if (can_correspond(plan, before, array, relevant)) {
      after.push_back({Dep::AfterCorr, on});
    } else if (blocks_all(plan, before, array, relevant)) {
      after.push_back({Dep::AfterOk, on});
    } else {
      after.push_back({Dep::AfterAny, on});
    }
  }
  return after;
}

// An array that only waits with afterany is never cancelled because of another one: when it has
// ended, all that it waited for had ended before.
bool never_cut(const JobArray& array) {
  return std::all_of(array.after.begin(), array.after.end(), [](const wfr::Dependency& dependency) {
    return dependency.kind == Dep::AfterAny;
  });
}

// Drops an afterany that another dependency implies. Arrays are in topological order, and the lists
// of the earlier ones are complete before they are reduced: `ended_before[a]` is the closure.
void reduce(Plan& plan) {
  std::vector<std::vector<bool>> ended_before(plan.arrays.size());
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    ended_before[a].assign(plan.arrays.size(), false);
    if (!never_cut(plan.arrays[a])) continue;
    for (const wfr::Dependency& dependency : plan.arrays[a].after) {
      const std::size_t on = wfr::index_of(dependency.on);
      ended_before[a][on] = true;
      for (std::size_t b = 0; b < on; ++b) {
        if (ended_before[on][b]) ended_before[a][b] = true;
      }
    }
  }
  for (JobArray& array : plan.arrays) {
    const std::vector<wfr::Dependency> all = array.after;
    const auto implied = [&](const wfr::Dependency& dependency) {
      if (dependency.kind != Dep::AfterAny) return false;
      return std::any_of(all.begin(), all.end(), [&](const wfr::Dependency& other) {
        return ended_before[wfr::index_of(other.on)][wfr::index_of(dependency.on)];
      });
    };
    array.after.erase(std::remove_if(array.after.begin(), array.after.end(), implied),
                      array.after.end());
  }
}

}  // namespace

void add_dependencies(Plan& plan) {
  const Made made = made_by_arrays(plan);
  for (std::size_t later = 0; later < plan.arrays.size(); ++later) {
    plan.arrays[later].after = dependencies_of(plan, later, made);
  }
  reduce(plan);
}

}  // namespace wfc
