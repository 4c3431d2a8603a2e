// Slots to verdicts: a task without one is blamed on its producers if they are not done.
#include "runtime/run/verdict.hpp"

#include "runtime/run/gate.hpp"

#include <algorithm>

namespace wfr {
namespace {

// The steps' verdicts are asked for in topological order, so a producer's are known before its
// consumers'.
class Deriver {
 public:
  Deriver(const Plan& plan, const StatePaths& state, const Selection& stale)
      : plan_(plan),
        stale_(stale),
        slots_(plan, state, false),
        gate_(plan, slots_),
        sums_(plan.steps.size()) {}

  StepVerdict step(StepId id, std::vector<FailedSlot>& failures, std::size_t most) {
    const std::uint32_t count = plan_.graph.tasks(id).count;
    StepVerdict verdict;
    verdict.step = id;
    verdict.total = count;
    look_in_order(id, count);
    Sums& sums = sums_[index_of(id)];
    sums.not_done.assign(count + 1, 0);
    sums.bad.assign(count + 1, 0);
    slots_.of(id).visit({0, count}, [&](TaskIndex i, const Slot& slot) {
      const Verdict recorded = now({id, i}, slot);
      const Standing standing = recorded == Verdict::None ? blocked({id, i}) : Standing{};
      count_one(recorded, standing, verdict);
      const bool done = recorded == Verdict::Done;
      const bool bad = standing.bad || (!done && recorded != Verdict::None);
      sums.not_done[i + 1] = sums.not_done[i] + (done ? 0 : 1);
      sums.bad[i + 1] = sums.bad[i] + (bad ? 1 : 0);
      const bool told = slot.verdict == Verdict::Failed || slot.verdict == Verdict::Cancelled;
      if (told && failures.size() < most) failures.push_back({{id, i}, slot});
    });
    return verdict;
  }

 private:
  [[nodiscard]] Verdict now(Task task, const Slot& slot) const {
    return stale_.contains(task) ? Verdict::None : slot.verdict;
  }

  // Of a task without a slot: is a producer not done, and has one of them failed for good?
  struct Standing {
    bool blocked = false;
    bool bad = false;
  };
  // Running sums over a step: entry i counts the tasks before index i.
  struct Sums {
    std::vector<std::uint32_t> not_done;
    std::vector<std::uint32_t> bad;
  };

  // Of a step that needs itself: how its consumers see each of its tasks.
  void look_in_order(StepId id, std::uint32_t count) {
    const std::vector<TaskIndex> order = own_order(plan_.graph, id);
    if (order.empty()) return;
    own_.assign(count, {});
    const std::vector<Slot> slots = slots_.of(id).read_range({0, count});
    for (const TaskIndex i : order) {
      const Verdict recorded = now({id, i}, slots[i]);
      const bool none = recorded == Verdict::None;
      const bool done = recorded == Verdict::Done;
      own_[i] = {!done, none ? blocked({id, i}).bad : !done};
    }
  }

  static void count_one(Verdict recorded, Standing standing, StepVerdict& verdict) {
    switch (recorded) {
      case Verdict::Done:
        ++verdict.done;
        return;
      case Verdict::Failed:
        ++verdict.failed;
        return;
      case Verdict::Cancelled:
        ++verdict.cancelled;
        return;
      case Verdict::UpstreamFailed:
        ++verdict.upstream_failed;
        return;
      case Verdict::None:
        break;
    }
    if (!standing.blocked) {
      ++verdict.not_run;
      return;
    }
    ++verdict.upstream_failed;
    if (!standing.bad) ++verdict.waiting;
  }

  // By differences of running sums: O(edges) a task, however wide its gathers are, and O(pairs).
  [[nodiscard]] Standing blocked(Task task) const {
    Standing standing;
    for (const std::uint32_t e : gate_.edges_into(task.step)) {
      const Edge& edge = plan_.graph.edges[e];
      const TaskList tasks = producers(plan_.graph, edge, task.index);
      if (edge.from == task.step) {
        for (const TaskIndex producer : tasks) {
          standing.blocked |= own_[producer].blocked;
          standing.bad |= own_[producer].bad;
        }
        continue;
      }
      const Sums& sums = sums_[index_of(edge.from)];
      for (std::uint32_t i = 0; i < tasks.size();) {
        const Range run = tasks.run_at(i);
        standing.blocked |= sums.not_done[run.end] != sums.not_done[run.begin];
        standing.bad |= sums.bad[run.end] != sums.bad[run.begin];
        i += run.size();
      }
    }
    return standing;
  }

  const Plan& plan_;
  const Selection& stale_;
  SlotStore slots_;
  Gate gate_;
  std::vector<Sums> sums_;     // by StepId
  std::vector<Standing> own_;  // see look_in_order()
};

}  // namespace

bool PlanVerdict::all_done() const {
  return std::all_of(
      steps.begin(), steps.end(), [](const StepVerdict& step) { return step.done == step.total; });
}

PlanVerdict derive_verdict(const Plan& plan,
                           const StatePaths& state,
                           std::size_t most_failures,
                           const Selection& stale) {
  Deriver deriver(plan, state, stale);
  PlanVerdict verdict;
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != FinalizerKind::None) continue;
    verdict.steps.push_back(deriver.step(id, verdict.failures, most_failures));
  }
  return verdict;
}

}  // namespace wfr
