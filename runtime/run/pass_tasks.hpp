// Which tasks a later pass runs: what more memory or time may mend, and what waits for that.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/rungs.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/gate.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace wfr {

// A set of tasks, one flag a task of each step that has any.
class Selection {
 public:
  explicit Selection(std::size_t steps) : flags_(steps) {}
  void add(Task task, std::uint32_t count);  // `count`: tasks of the step
  void add_all(StepId step, std::uint32_t count);
  [[nodiscard]] bool has(StepId step) const { return !flags_[index_of(step)].empty(); }
  [[nodiscard]] bool contains(Task task) const {
    const std::vector<bool>& flags = flags_[index_of(task.step)];
    return task.index < flags.size() && flags[task.index];
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // From the first to the last of each step; steps without any are left out.
  [[nodiscard]] std::vector<std::pair<StepId, Range>> hulls() const;

 private:
  std::vector<std::vector<bool>> flags_;  // by StepId
  std::uint64_t size_ = 0;
};

// The tasks of one job of a later pass: see JobArray. In the family's order.
StepRanges tasks_of_share(const Plan& plan, const JobArray& array, std::uint32_t index);

// Of `tasks`, from their slots and those of their producers, in topological order:
//   failed         if the pass mends such a failure (rungs.hpp) and its producers are done;
//   held back, or never started   if its producers are done, or are run by this job first;
//   stopped by the end of a job's time (SIGUSR1)   the same: its job had got on and was put back;
//   done           if a producer is run by this job first, or was made again since,
//                  or if its outputs lie in scratch (StepSpec) and one of the others reads them.
// What is wrongly chosen costs a look: the job's gate and its up-to-date check decide. No producer
// may be running. O(tasks + their producers), with 9 bytes a task of a producing step.
Selection select_pass(const Plan& plan,
                      SlotStore& slots,
                      const StepRanges& tasks,
                      std::uint32_t pass,
                      Ceiling ceiling);

}  // namespace wfr
