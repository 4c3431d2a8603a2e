// Slots to verdicts: a task without one is blamed on its producers if they are not done.
#include "runtime/run/verdict.hpp"

#include <algorithm>

#include "runtime/run/gate.hpp"

namespace wfr {
namespace {

// The steps' verdicts are asked for in topological order, so a producer's are known before its consumers'.
class Deriver {
 public:
  Deriver(const Plan& plan, const StatePaths& state)
      : plan_(plan), slots_(plan, state, false), gate_(plan, slots_), not_done_(plan.steps.size()) {}

  StepVerdict step(StepId id, std::vector<FailedSlot>& failures, std::size_t most) {
    const std::uint32_t count = plan_.graph.tasks(id).count;
    StepVerdict verdict;
    verdict.step = id;
    verdict.total = count;
    const std::vector<Slot> slots = slots_.of(id).read_range({0, count});
    std::vector<std::uint32_t>& sums = not_done_[index_of(id)];
    sums.assign(count + 1, 0);
    for (TaskIndex i = 0; i < count; ++i) {
      const Slot& slot = slots[i];
      sums[i + 1] = sums[i] + (slot.verdict == Verdict::Done ? 0 : 1);
      switch (slot.verdict) {
        case Verdict::Done: ++verdict.done; break;
        case Verdict::Failed: ++verdict.failed; break;
        case Verdict::Cancelled: ++verdict.cancelled; break;
        case Verdict::UpstreamFailed: ++verdict.upstream_failed; break;
        case Verdict::None: ++(blocked({id, i}) ? verdict.upstream_failed : verdict.not_run); break;
      }
      const bool told = slot.verdict == Verdict::Failed || slot.verdict == Verdict::Cancelled;
      if (told && failures.size() < most) failures.push_back({{id, i}, slot});
    }
    return verdict;
  }

 private:
  // By differences of running sums: O(edges) a task, however wide its gathers are.
  [[nodiscard]] bool blocked(Task task) const {
    for (const std::uint32_t e : gate_.edges_into(task.step)) {
      const Edge& edge = plan_.graph.edges[e];
      const Range range = producers(plan_.graph, edge, task.index);
      const std::vector<std::uint32_t>& sums = not_done_[index_of(edge.from)];
      if (!range.empty() && sums[range.end] != sums[range.begin]) return true;
    }
    return false;
  }

  const Plan& plan_;
  SlotStore slots_;
  Gate gate_;
  std::vector<std::vector<std::uint32_t>> not_done_;  // by StepId: tasks not done before index i
};

}  // namespace

bool PlanVerdict::all_done() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](const StepVerdict& step) { return step.done == step.total; });
}

PlanVerdict derive_verdict(const Plan& plan, const StatePaths& state, std::size_t most_failures) {
  Deriver deriver(plan, state);
  PlanVerdict verdict;
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != FinalizerKind::None) continue;
    verdict.steps.push_back(deriver.step(id, verdict.failures, most_failures));
  }
  return verdict;
}

}  // namespace wfr
