// Chooses every job array's dependencies and drops those that others imply.
#include "compiler/slurm/dependencies.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/dependency_notes.hpp"
#include "compiler/slurm/index_list.hpp"
#include "compiler/slurm/order.hpp"
#include "compiler/slurm/passes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace wfc {
namespace {

using wfr::ArrayId;
using wfr::Dep;
using wfr::Dependency;
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

bool overlap(Range a, Range b) {
  return std::max(a.begin, b.begin) < std::min(a.end, b.end);
}

template <class Use>
void for_each_task(const std::vector<Range>& tasks, const Use& use) {
  for (const Range& range : tasks) {
    for (wfr::TaskIndex task = range.begin; task < range.end; ++task) use(task);
  }
}

// What the tasks of one array wait for over one edge. Producers grow with the consumer, so the
// first and the last one bound them.
struct Reach {
  const Edge* edge = nullptr;
  Range all;
  bool same_for_each = false;  // each task waits for all of `all`
  bool somebody = false;       // each task waits for one at least
};

Reach paired_reach(const Plan& plan, const Edge& edge, const std::vector<Range>& tasks) {
  Reach reach{&edge, {}, true, true};
  for_each_task(tasks, [&](wfr::TaskIndex task) {
    const wfr::TaskList needed = producers(plan.graph, edge, task);
    const Range own = needed.bounds();
    reach.somebody = reach.somebody && !needed.empty();
    if (needed.empty()) {
      reach.same_for_each = false;
      return;
    }
    // No producer comes twice in a row, so that as many as the bounds hold are all of them.
    const bool whole = own.size() == needed.size();
    reach.same_for_each = reach.same_for_each && whole && (reach.all.empty() || own == reach.all);
    reach.all = reach.all.empty()
                    ? own
                    : Range{std::min(reach.all.begin, own.begin), std::max(reach.all.end, own.end)};
  });
  return reach;
}

std::vector<Reach> reaches_of(const Plan& plan, const JobArray& array) {
  std::vector<Reach> reaches;
  for (const Edge& edge : plan.graph.edges) {
    if (!holds(steps_of(plan, array), edge.to)) continue;
    const std::vector<Range> tasks = tasks_of(plan, array, edge.to);
    if (tasks.empty()) continue;
    if (edge.pairs) {
      reaches.push_back(paired_reach(plan, edge, tasks));
      continue;
    }
    const Range first = producers(plan.graph, edge, tasks.front().begin).bounds();
    const Range last = producers(plan.graph, edge, tasks.back().end - 1).bounds();
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

// What one array waits for of another, before it is decided how.
struct Candidate {
  std::size_t on = 0;
  bool own = false;        // each element waits for that of the same index alone
  bool aftercorr = false;  // and its failure blocks all that the element runs
  bool all = false;        // each task waits for every task of the other
};

bool same_blocks(const Plan& plan, const JobArray& before, const JobArray& after) {
  const auto block_map = [&](const JobArray& array) {
    return plan.families[wfr::index_of(array.family)].block_map;
  };
  return !before.plain && !after.plain && block_map(before) == block_map(after) &&
         before.first_block == after.first_block;
}

// Every edge stays inside a directory of the map, so that it stays inside a block of it.
bool own_block_only(const Plan& plan,
                    const JobArray& before,
                    const JobArray& after,
                    const std::vector<Reach>& reaches) {
  if (!same_blocks(plan, before, after)) return false;
  const wfr::LevelId level = map_of(plan, before).level;
  for (const Reach& reach : reaches) {
    if (!plan.graph.tree.is_at_or_above(level, reach.edge->via)) return false;
  }
  // Positions in two tables agree only if the tables do.
  if (!uses_table(before) && !uses_table(after)) return true;
  return uses_table(before) && uses_table(after) && before.indices == after.indices;
}

// A failed element of `before` is a failed task that all tasks of the same element of `after` need.
bool blocks_own(const Plan& plan,
                const JobArray& before,
                const JobArray& after,
                const std::vector<Reach>& reaches) {
  if (!one_task_a_block(plan, before) || !is_subset(after.indices, before.indices)) return false;
  const std::vector<StepId>& steps = steps_of(plan, after);
  return std::all_of(steps.begin(), steps.end(), [&](StepId id) {
    return tasks_of(plan, after, id).empty() ||
           std::any_of(reaches.begin(), reaches.end(), [&](const Reach& reach) {
             return reach.edge->to == id && reach.somebody;
           });
  });
}

// The tasks that each array has of each step of its family; computed once.
class Made {
 public:
  explicit Made(const Plan& plan) : of_step_(plan.steps.size()), array_of_(plan.steps.size()) {
    for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
      const JobArray& array = plan.arrays[a];
      if (array.repeats()) continue;
      for (const StepId id : steps_of(plan, array)) {
        const std::vector<Range> tasks = tasks_of(plan, array, id);
        // Of consecutive directories the tasks are one range.
        if (!array.depth && map_of(plan, array).order.empty()) {
          if (!tasks.empty()) of_step_[wfr::index_of(id)].push_back({a, tasks.front()});
          continue;
        }
        std::vector<std::size_t>& array_of = array_of_[wfr::index_of(id)];
        array_of.resize(plan.graph.tasks(id).count);
        for_each_task(tasks, [&](wfr::TaskIndex task) { array_of[task] = a; });
      }
    }
  }
  // The arrays that have some of what the reach says for these tasks. Of a step by depth or of free
  // sets of directories exactly those; else those that have a task between the first and the last.
  [[nodiscard]] std::set<std::size_t> arrays(const Plan& plan,
                                             const Reach& reach,
                                             const std::vector<Range>& tasks) const {
    std::set<std::size_t> found;
    const Edge& edge = *reach.edge;
    const std::vector<std::size_t>& array_of = array_of_[wfr::index_of(edge.from)];
    if (array_of.empty()) {
      const std::vector<Part>& parts = of_step_[wfr::index_of(edge.from)];
      auto part = std::partition_point(parts.begin(), parts.end(), [&](const Part& earlier) {
        return earlier.tasks.end <= reach.all.begin;
      });
      for (; part != parts.end() && part->tasks.begin < reach.all.end; ++part) {
        if (overlap(part->tasks, reach.all)) found.insert(part->array);
      }
    } else if (edge.pairs) {
      for_each_task(tasks, [&](wfr::TaskIndex task) {
        for (const wfr::TaskIndex one : producers(plan.graph, edge, task)) {
          found.insert(array_of[one]);
        }
      });
    } else {
      for_each_task({reach.all}, [&](wfr::TaskIndex one) { found.insert(array_of[one]); });
    }
    return found;
  }
  // Of a step by depth.
  [[nodiscard]] std::size_t array_of(StepId step, wfr::TaskIndex task) const {
    return array_of_[wfr::index_of(step)][task];
  }

 private:
  struct Part {
    std::size_t array = 0;
    Range tasks;
  };
  std::vector<std::vector<Part>> of_step_;  // ascending: a family's arrays are in its blocks' order
  std::vector<std::vector<std::size_t>> array_of_;  // by task, where tasks are no single range
};

// Of two depths of one family: does each element of `later` wait, in `earlier`, for that of the
// same position alone, and each of its tasks for something of it?
struct Aligned {
  bool own = false;
  bool all_wait = false;
};

Aligned aligned(const Plan& plan,
                std::size_t earlier,
                const JobArray& later,
                const std::vector<Reach>& reaches,
                const Made& made) {
  const JobArray& before = plan.arrays[earlier];
  if (before.size() != later.size()) return {};
  const wfr::BlockMap& map = map_of(plan, later);
  std::map<std::uint32_t, std::uint32_t> position;  // by block, in each of the two
  for (const JobArray* array : {&before, &later}) {
    std::uint32_t next = 0;
    for_each_task(array->indices,
                  [&](std::uint32_t i) { position[array->first_block + i] = next++; });
  }
  Aligned result{true, true};
  for (const Reach& reach : reaches) {
    const StepId step = reach.edge->to;
    for_each_task(tasks_of(plan, later, step), [&](wfr::TaskIndex task) {
      const std::uint32_t own = position[block_of(plan.graph, map, {step, task})];
      bool waits = false;
      for (const wfr::TaskIndex one : producers(plan.graph, *reach.edge, task)) {
        if (made.array_of(step, one) != earlier) continue;
        waits = true;
        const std::uint32_t block = block_of(plan.graph, map, {step, one});
        result.own = result.own && position[block] == own;
      }
      result.all_wait = result.all_wait && waits;
    });
  }
  return result;
}

// True if every task of `before` is a producer of every task of `after`.
bool blocks_all(const Plan& plan,
                const JobArray& before,
                const JobArray& after,
                const std::vector<Reach>& reaches) {
  const std::vector<StepId>& made = steps_of(plan, before);
  const std::vector<StepId>& waiting = steps_of(plan, after);
  const auto covers = [&](StepId from, StepId to) {
    const std::vector<Range> tasks = tasks_of(plan, before, from);
    if (tasks.empty() || tasks_of(plan, after, to).empty()) return true;
    return std::any_of(reaches.begin(), reaches.end(), [&](const Reach& reach) {
      return reach.edge->from == from && reach.edge->to == to && reach.same_for_each &&
             reach.all.begin <= tasks.front().begin && tasks.back().end <= reach.all.end;
    });
  };
  return std::all_of(made.begin(), made.end(), [&](StepId from) {
    return std::all_of(waiting.begin(), waiting.end(), [&](StepId to) { return covers(from, to); });
  });
}

std::vector<Candidate> candidates_of(const Plan& plan,
                                     std::size_t later,
                                     const Made& made,
                                     std::uint32_t window) {
  const JobArray& array = plan.arrays[later];
  std::map<std::size_t, std::vector<Reach>> waited_for;
  for (const Reach& reach : reaches_of(plan, array)) {
    const std::vector<Range> tasks = tasks_of(plan, array, reach.edge->to);
    for (const std::size_t earlier : made.arrays(plan, reach, tasks)) {
      // Inside a job wfr keeps the order.
      const bool inside = plan.arrays[earlier].family == array.family;
      if (!inside || (array.depth && earlier != later)) waited_for[earlier].push_back(reach);
    }
  }
  std::vector<Candidate> candidates;
  for (const auto& [earlier, reaches] : waited_for) {
    const JobArray& before = plan.arrays[earlier];
    Candidate candidate{earlier, false, false, false};
    if (before.family == array.family) {
      const Aligned found = aligned(plan, earlier, array, reaches, made);
      candidate.own = found.own;
      candidate.aftercorr =
          found.own && found.all_wait && array.size() <= window && one_task_a_block(plan, before);
    } else {
      candidate.own = own_block_only(plan, before, array, reaches);
      candidate.aftercorr =
          candidate.own && array.size() <= window && blocks_own(plan, before, array, reaches);
    }
    candidate.all = !candidate.aftercorr && blocks_all(plan, before, array, reaches);
    candidates.push_back(candidate);
  }
  return candidates;
}

// Decides how one array waits.
class Choice {
 public:
  Choice(const std::vector<JobArray>& arrays, const Order& order, const JobArray& array)
      : arrays_(arrays), order_(order), array_(array) {}

  [[nodiscard]] std::vector<Dependency> of(const std::vector<Candidate>& candidates) const {
    if (array_.after.empty()) {
      for (auto last = candidates.rbegin(); last != candidates.rend(); ++last) {
        if (!last->own || last->aftercorr || last->all) continue;
        const Dependency alone{Dep::AfterCorrOrAny, static_cast<ArrayId>(last->on)};
        if (implies_all(alone, candidates)) return {alone};
      }
    }
    return conjunction(candidates);
  }

 private:
  [[nodiscard]] bool implies_all(Dependency alone, const std::vector<Candidate>& candidates) const {
    const Ended ended = order_.before(arrays_, array_, alone);
    return std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
      return candidate.own ? ended.same.has(candidate.on) : ended.whole.has(candidate.on);
    });
  }

  [[nodiscard]] Dep kind_of(const Candidate& candidate) const {
    // Of arrays that take turns none may be cancelled: the next would start too early.
    if (!array_.after.empty()) return Dep::AfterAny;
    if (candidate.aftercorr) return Dep::AfterCorr;
    return candidate.all ? Dep::AfterOk : Dep::AfterAny;
  }

  // From the last to the first: an afterany that a kept one implies is dropped. Success
  // dependencies stay: they end at once what cannot run.
  [[nodiscard]] std::vector<Dependency> conjunction(
      const std::vector<Candidate>& candidates) const {
    std::vector<Dependency> kept(array_.after.rbegin(), array_.after.rend());
    std::vector<Ended> implied;
    implied.reserve(kept.size());
    for (const Dependency& wait : kept) implied.push_back(order_.before(arrays_, array_, wait));
    for (auto next = candidates.rbegin(); next != candidates.rend(); ++next) {
      const Candidate& candidate = *next;
      const Dep kind = kind_of(candidate);
      const auto has = [&](const Ended& ended) {
        return candidate.own ? ended.same.has(candidate.on) : ended.whole.has(candidate.on);
      };
      if (kind == Dep::AfterAny && std::any_of(implied.begin(), implied.end(), has)) continue;
      kept.push_back({kind, static_cast<ArrayId>(candidate.on)});
      implied.push_back(order_.before(arrays_, array_, kept.back()));
    }
    std::sort(kept.begin(), kept.end(), [](const Dependency& a, const Dependency& b) {
      return a.on < b.on;
    });
    return kept;
  }

  const std::vector<JobArray>& arrays_;
  const Order& order_;
  const JobArray& array_;
};

// All that it must find ended, without what others of these imply.
std::vector<Dependency> waits_of_pass(const Plan& plan, std::size_t later, const Order& order) {
  const std::vector<std::size_t> wanted = pass_waits(plan, later);
  std::vector<Dependency> kept;
  std::vector<Ended> implied;
  for (auto on = wanted.rbegin(); on != wanted.rend(); ++on) {
    const auto has = [&](const Ended& ended) { return ended.whole.has(*on); };
    if (std::any_of(implied.begin(), implied.end(), has)) continue;
    kept.push_back({Dep::AfterAny, static_cast<ArrayId>(*on)});
    implied.push_back(order.before(plan.arrays, plan.arrays[later], kept.back()));
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace

void add_dependencies(Plan& plan, std::uint32_t window, std::vector<PassNote>& notes) {
  const Made made(plan);
  Order order(plan.arrays.size());
  for (std::size_t later = 0; later < plan.arrays.size(); ++later) {
    JobArray& array = plan.arrays[later];
    if (array.repeats()) {
      array.after = waits_of_pass(plan, later, order);
    } else {
      const std::vector<Candidate> candidates = candidates_of(plan, later, made, window);
      array.after = Choice(plan.arrays, order, array).of(candidates);
    }
    order.add(plan.arrays);
  }
  note_dependencies(plan, window, notes);
}

}  // namespace wfc
