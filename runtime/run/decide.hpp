// What is done, what is stale and what would run, for every task of a plan: the one answer that
// `wfc run -n`, `plan`, `status`, `why`, `wfr resume` and so `submit.sh` give.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/fate.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace wfr {

struct Occupied;

struct DecideOptions {
  const Selection* only = nullptr;  // null: all but finalizers
  // Believes the records: changed inputs and outputs are not looked for.
  bool trust_records = false;
  // Whether a job in the queue has the task to run. Empty: none has.
  std::function<bool(Task)> live = {};
  // Called now and then from the caller's thread, with the tasks that are recorded as done: so many
  // are decided of so many.
  std::function<void(std::uint64_t, std::uint64_t)> on_progress = {};
  // Not null: these run, although they may be up to date.
  const Selection* again = nullptr;
};

struct StepDecision {
  std::vector<Cause> causes;  // by task; empty: none was asked about
  CauseCounts counts{};
  TaskIndex example = kNone;  // the first that runs or cannot
  [[nodiscard]] std::uint64_t of(Fate fate) const;
  [[nodiscard]] std::uint64_t of(Cause cause) const {
    return counts[static_cast<std::size_t>(cause)];
  }
  [[nodiscard]] std::uint64_t stale() const;
  // All that were asked about.
  [[nodiscard]] std::uint64_t total() const { return causes.size() - of(Cause::NotChosen); }
};

struct Decision {
  std::vector<StepDecision> steps;  // by StepId
  bool trusted = false;             // from the records alone
  [[nodiscard]] Cause cause(Task task) const {
    const std::vector<Cause>& causes = steps[index_of(task.step)].causes;
    return causes.empty() ? Cause::NotChosen : causes[task.index];
  }
  [[nodiscard]] Fate fate(Task task) const { return fate_of(cause(task)); }
  [[nodiscard]] std::uint64_t of(Fate fate) const;
  [[nodiscard]] std::uint64_t of(Cause cause) const;
};

// A task whose producer runs, runs too. An input that is missing is found here if the task is done,
// and else by the task itself: what lies on a node's own disk cannot be seen from here. Only tasks
// that are recorded as done are looked at on disk, many at once (LookPool), and of those only the
// ones whose producers do not run. One byte a task is kept; twelve more for a step of which some
// run, until the end.
Decision decide(const Plan& plan,
                const std::filesystem::path& out_dir,
                const StatePaths& state,
                const DecideOptions& options);

// Why one task runs, does not or cannot, in whole sentences without a full stop.
std::vector<std::string> reasons_of(const Plan& plan,
                                    const std::filesystem::path& out_dir,
                                    const StatePaths& state,
                                    const Decision& decision,
                                    Task task);

// One line on the tasks that cannot run, with the first of them; "" when there is none.
std::string blocked_text(const Plan& plan,
                         const std::filesystem::path& out_dir,
                         const StatePaths& state,
                         const Decision& decision);

// One line on the tasks of which only times of files differ, with the command that accepts them if
// it is known; "" for none.
std::string times_text(const Decision& decision, const std::string& accept);

// {"trusted", "steps": [counts], "runs": [names], "blocked": [names], "live": [names],
// "occupied": [{"task", "output", "files"}]}; the last is left out where it was not looked for
// (null).
std::string decision_json(const Plan& plan, const Decision& decision, const Occupied* occupied);

// The task and all that its fate depends on.
Selection what_decides(const Plan& plan, Task task);

}  // namespace wfr
