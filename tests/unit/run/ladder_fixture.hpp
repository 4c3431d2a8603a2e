// A plan of two steps and a gather, one of which climbs the retry ladder, and its slots.
#pragma once

#include "runtime/run/pass_tasks.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <csignal>
#include <string>

namespace wfr::test {

inline constexpr StepId kOne{0};
inline constexpr StepId kTwo{1};
inline constexpr StepId kAll{2};

// one and two at three channels, all once.
inline Plan small_plan(const Workspace& space, const RetrySpec& retry = {2, {}, 200, 0}) {
  return WorkflowBuilder()
      .level("channel", {"c1", "c2", "c3"})
      .step({"one",
             "channel",
             "tool",
             {},
             {},
             {},
             [&](StepSpec& s) {
               s.resources.mem_mb = 100;
               s.retry = retry;
             }})
      .step({"two", "channel", "tool", {"one"}, {}, {}})
      .step({"all", "", "tool", {"two"}, {}, {}})
      .build(space.data());
}

class Slots {
 public:
  Slots(const Plan& plan, const Workspace& space)
      : plan_(plan), store_(plan, state_paths(space.out(), plan.hash), true) {}
  void set(StepId step, TaskIndex index, Verdict verdict, FailureKind kind = FailureKind::None) {
    Slot slot;
    slot.verdict = verdict;
    slot.failure = kind;
    slot.time_ns = ++time_;
    if (kind == FailureKind::Cancelled) slot.status = SIGUSR1;
    store_.of(step).write(index, slot);
  }
  void all_done() {
    for (const StepId step : {kOne, kTwo, kAll}) {
      for (TaskIndex i = 0; i < plan_.graph.tasks(step).count; ++i) set(step, i, Verdict::Done);
    }
  }
  // "one:c1 two:c1"
  std::string chosen(std::uint32_t pass, Ceiling ceiling = {}) {
    const Selection found = select_pass(plan_, store_, everything(), pass, ceiling);
    std::string text;
    for (const StepId step : {kOne, kTwo, kAll}) {
      for (TaskIndex i = 0; i < plan_.graph.tasks(step).count; ++i) {
        if (found.contains({step, i})) text += task_name(plan_, {step, i}) + " ";
      }
    }
    return text;
  }
  [[nodiscard]] StepRanges everything() const {
    StepRanges tasks;
    for (const StepId step : {kOne, kTwo, kAll}) {
      tasks.push_back({step, {Range{0, plan_.graph.tasks(step).count}}});
    }
    return tasks;
  }
  SlotStore& store() { return store_; }

 private:
  const Plan& plan_;
  SlotStore store_;
  std::int64_t time_ = 0;
};

}  // namespace wfr::test
