// For each edge and each pair of jobs that have tasks of its ends: what orders them?
#include "compiler/slurm/verify_order.hpp"

#include "compiler/slurm/verify_tasks.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

using wfr::Edge;
using wfr::Plan;
using wfr::Range;
using wfr::StepId;
using wfr::TaskIndex;

// The place of a step in a family's list; its size when it is not there.
std::size_t place_in(const wfr::Family& family, StepId step) {
  return static_cast<std::size_t>(std::find(family.steps.begin(), family.steps.end(), step) -
                                  family.steps.begin());
}

Range hull(const std::vector<Range>& ranges) {
  return ranges.empty() ? Range{0, 0} : Range{ranges.front().begin, ranges.back().end};
}

// The first of `ranges` that ends after the task. They ascend, and so does what is left of them.
std::vector<Range>::const_iterator first_after(const std::vector<Range>& ranges, TaskIndex task) {
  return std::partition_point(
      ranges.begin(), ranges.end(), [&](Range range) { return range.end <= task; });
}

// The first task of `wanted` that is one of `present`, but not one of `allowed`.
TaskIndex first_outside(Range wanted,
                        const std::vector<Range>& present,
                        const std::vector<Range>& allowed) {
  for (auto range = first_after(present, wanted.begin);
       range != present.end() && range->begin < wanted.end;
       ++range) {
    const Range both{std::max(range->begin, wanted.begin), std::min(range->end, wanted.end)};
    TaskIndex next = both.begin;
    for (auto some = first_after(allowed, next); next < both.end; ++some) {
      if (some == allowed.end() || some->begin > next) return next;
      next = some->end;
    }
  }
  return wfr::kNone;
}

TaskIndex first_outside(const wfr::TaskList& wanted,
                        const std::vector<Range>& present,
                        const std::vector<Range>& allowed) {
  if (wanted.is_range()) return first_outside(wanted.bounds(), present, allowed);
  for (const TaskIndex task : wanted) {
    const TaskIndex outside = first_outside(Range{task, task + 1}, present, allowed);
    if (outside != wfr::kNone) return outside;
  }
  return wfr::kNone;
}

bool has_index(const Job& job, std::uint32_t index) {
  return std::any_of(job.runs.begin(), job.runs.end(), [&](const Run& run) {
    return run.index <= index && index - run.index < run.count;
  });
}

class OrderProof {
 public:
  OrderProof(const Emitted& emitted, const Closure& closure, Report& report)
      : emitted_(emitted), plan_(emitted.plan), closure_(closure), report_(report) {}

  std::uint64_t prove() {
    std::vector<std::vector<std::size_t>> jobs_of(plan_.families.size());
    for (std::size_t j = 0; j < emitted_.jobs.size(); ++j) {
      if (emitted_.jobs[j].is_array()) jobs_of[emitted_.jobs[j].family].push_back(j);
    }
    std::vector<std::vector<Place>> places(plan_.steps.size());
    for (std::size_t f = 0; f < plan_.families.size(); ++f) {
      const std::vector<StepId>& steps = plan_.families[f].steps;
      for (std::size_t s = 0; s < steps.size(); ++s)
        places[wfr::index_of(steps[s])].push_back({f, s});
    }
    std::uint64_t relations = 0;
    for (const Edge& edge : plan_.graph.edges) {
      relations += count_relations(plan_.graph, edge);
      for (const Place& to : places[wfr::index_of(edge.to)]) {
        for (const Place& from : places[wfr::index_of(edge.from)]) {
          check_jobs(edge, {to.step, from.step}, jobs_of[to.family], jobs_of[from.family]);
        }
      }
    }
    return relations;
  }

 private:
  // Of a step: a family, and where the step is in its list.
  struct Place {
    std::size_t family, step;
  };
  struct Places {
    std::size_t to, from;  // of the edge's steps in their families
  };

  void check_jobs(const Edge& edge,
                  Places places,
                  const std::vector<std::size_t>& laters,
                  const std::vector<std::size_t>& earliers) {
    for (const std::size_t later : laters) {
      const Range tasks = hull(emitted_.jobs[later].tasks[places.to]);
      if (tasks.empty()) continue;
      const Range needed = producers_of(plan_.graph, edge, tasks);
      for (const std::size_t earlier : earliers) {
        // What has succeeded does not wait for what is tried again.
        if (emitted_.jobs[earlier].pass > emitted_.jobs[later].pass) continue;
        const Range made = hull(emitted_.jobs[earlier].tasks[places.from]);
        if (std::max(made.begin, needed.begin) >= std::min(made.end, needed.end)) continue;
        check_pair(edge, places, later, earlier);
      }
    }
  }

  void check_pair(const Edge& edge, Places places, std::size_t later, std::size_t earlier) {
    if (closure_.whole(later, earlier)) return;
    const Job& job = emitted_.jobs[later];
    const Job& before = emitted_.jobs[earlier];
    // In one job the runtime keeps the order.
    const bool same_index = later == earlier || (job.pass == 1 && before.pass == 1 &&
                                                 closure_.corresponding(later, earlier));
    // Shares of a later pass are whole blocks: what leaves those needs all of them in one job.
    if (later == earlier && job.pass > 1 && (!job.script->array || stays_in_block(edge, job))) {
      return;
    }
    if (same_index && stays_in_element(edge, job, before)) return;
    // An index that an array does not have waits, with aftercorr-or-afterany, for all of it, and so
    // for all that this one has waited for.
    const Job* whole = nullptr;
    for (const Wait& wait : job.call->waits) {
      const bool before_it = wait.on == earlier || closure_.ended(wait.on, earlier);
      if (wait.kind == WaitKind::AfterCorrOrAny && before_it) whole = &emitted_.jobs[wait.on];
    }
    const auto [task, producer] = find_unordered(edge, places, job, before, {same_index, whole});
    if (task == wfr::kNone) return;
    report_(Kind::OrderMissing,
            job.call->span,
            fmt::format("`{}` of `{}` could run before `{}` of `{}`, which it needs",
                        task_name(plan_, {edge.to, task}),
                        job.name(),
                        task_name(plan_, {edge.from, producer}),
                        before.name()),
            "compile the workflow again");
  }

  bool stays_in_block(const Edge& edge, const Job& job) const {
    const wfr::BlockMap& map = plan_.maps[plan_.families[job.family].block_map];
    return plan_.graph.tree.is_at_or_above(map.level, edge.via);
  }

  // True if all that the edge relates is in elements of the same index, which the block map says.
  bool stays_in_element(const Edge& edge, const Job& job, const Job& before) const {
    const std::uint32_t map = plan_.families[job.family].block_map;
    if (map != plan_.families[before.family].block_map) return false;
    if (!stays_in_block(edge, job)) return false;
    if (job.runs == before.runs) return true;
    // Equal indices are equal blocks, though one may have fewer of them.
    const auto offset = [](const Job& some) {
      return some.runs.front().block - some.runs.front().index;
    };
    const auto constant = [&](const Job& some) {
      return std::all_of(some.runs.begin(), some.runs.end(), [&](const Run& run) {
        return run.block - run.index == offset(some);
      });
    };
    return constant(job) && constant(before) && offset(job) == offset(before);
  }

  struct Ordered {
    bool same_index = false;     // elements of the same index
    const Job* whole = nullptr;  // an element whose index this one does not have: after all of it
  };
  // A task of `job` and one of its producers in `before` that nothing orders, task by task.
  std::pair<TaskIndex, TaskIndex> find_unordered(
      const Edge& edge, Places places, const Job& job, const Job& before, Ordered ordered) const {
    for (const Run& run : job.runs) {
      for (std::uint32_t i = 0; i < run.count; ++i) {
        if (ordered.whole != nullptr && !has_index(*ordered.whole, run.index + i)) continue;
        const wfr::Family& family = plan_.families[job.family];
        std::vector<Range> allowed;
        if (ordered.same_index) allowed = tasks_at(emitted_, before, places.from, run.index + i);
        for (const Range& tasks :
             tasks_of_blocks(plan_, family, places.to, {run.block + i, run.block + i + 1})) {
          for (TaskIndex task = tasks.begin; task < tasks.end; ++task) {
            const wfr::TaskList needed = producers(plan_.graph, edge, task);
            const TaskIndex outside = first_outside(needed, before.tasks[places.from], allowed);
            if (outside != wfr::kNone) return {task, outside};
          }
        }
      }
    }
    return {wfr::kNone, wfr::kNone};
  }

  const Emitted& emitted_;
  const Plan& plan_;
  const Closure& closure_;
  Report& report_;
};

}  // namespace

std::vector<Range> tasks_at(const Emitted& emitted,
                            const Job& job,
                            std::size_t step,
                            std::uint32_t index) {
  const auto after = std::upper_bound(
      job.runs.begin(), job.runs.end(), index, [](std::uint32_t i, const Run& run) {
        return i < run.index;
      });
  if (after == job.runs.begin()) return {};
  const Run& run = *(after - 1);
  if (index - run.index >= run.count) return {};
  const std::uint32_t block = run.block + (index - run.index);
  return tasks_of_blocks(emitted.plan, emitted.plan.families[job.family], step, {block, block + 1});
}

bool is_related(const Emitted& emitted,
                const StepIndex& steps,
                const Job& later,
                const Job& earlier) {
  const Plan& plan = emitted.plan;
  const wfr::Family& family = plan.families[later.family];
  const wfr::Family& family_before = plan.families[earlier.family];
  for (std::size_t from = 0; from < family_before.steps.size(); ++from) {
    for (const Edge* edge : steps.out_of[wfr::index_of(family_before.steps[from])]) {
      const std::size_t to = place_in(family, edge->to);
      if (to == family.steps.size()) continue;
      for (const Range& tasks : later.tasks[to]) {
        for (TaskIndex task = tasks.begin; task < tasks.end; ++task) {
          const wfr::TaskList needed = producers(plan.graph, *edge, task);
          if (first_outside(needed, earlier.tasks[from], {}) != wfr::kNone) return true;
        }
      }
    }
  }
  return false;
}

std::uint64_t prove_order(const Emitted& emitted, const Closure& closure, Report& report) {
  return OrderProof(emitted, closure, report).prove();
}

}  // namespace wfc::readback
