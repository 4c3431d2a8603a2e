// What a job leaves to others: tasks that another run works on now, and those that jobs in Slurm's
// queue will run.
#include "runtime/run/attic.hpp"
#include "runtime/run/carry.hpp"
#include "runtime/run/job_runner.hpp"
#include "runtime/run/posix_processes.hpp"

#include <algorithm>

namespace wfr {
namespace {

constexpr std::int64_t kLookEveryNs = 500'000'000;

}  // namespace

void JobRunner::look_at_claimed() {
  if (claimed_elsewhere_.empty() || stopping_) return;
  const std::int64_t now = monotonic_ns();
  if (now - claims_looked_at_ns_ < kLookEveryNs) return;
  claims_looked_at_ns_ = now;
  const auto is_free = [this](Task task) {
    if (!claims_.take(task)) return false;
    claims_.release(task);
    scheduler_.again(task);
    return true;
  };
  claimed_elsewhere_.erase(
      std::remove_if(claimed_elsewhere_.begin(), claimed_elsewhere_.end(), is_free),
      claimed_elsewhere_.end());
}

bool JobRunner::hold(Task task, const Slot& seen) {
  // What is not kept each job makes for itself.
  if (options_.always_run || plan_.step(task.step).in_scratch) return true;
  if (!claims_.take(task)) {
    if (!others_ && options_.on_warning) {
      options_.on_warning("another run on the same data is running `" + task_name(plan_, task) +
                          "`: waiting for it");
    }
    others_ = true;
    claimed_elsewhere_.push_back(task);
    scheduler_.release(task);
    return false;
  }
  SlotFile& slots = slots_.of(task.step);
  others_ = claims_.others_were_here() || others_;
  if (others_) {
    const std::optional<Slot> newest = newest_elsewhere(options_.out_dir, plan_, task);
    if (newest && is_newer(*newest, slots.read(task.index))) slots.write(task.index, *newest);
  }
  const Slot now = slots.read(task.index);
  if (now.time_ns == seen.time_ns && now.verdict == seen.verdict) return true;
  // Somebody has worked on it since.
  claims_.release(task);
  scheduler_.release(task);
  scheduler_.again(task);
  return false;
}

bool JobRunner::is_left(Task task, const Slot& slot) const {
  if (options_.left == nullptr) return false;
  // What is done is left only if it is not up to date, which takes a look at its inputs.
  if (options_.left->contains(task) && slot.verdict != Verdict::Done) return true;
  if (left_.size() == 0) return false;
  return std::any_of(plan_.graph.edges.begin(), plan_.graph.edges.end(), [&](const Edge& edge) {
    if (edge.to != task.step) return false;
    const TaskList needed = producers(plan_.graph, edge, task.index);
    return std::any_of(needed.begin(), needed.end(), [&](TaskIndex one) {
      return left_.contains({edge.from, one});
    });
  });
}

void JobRunner::leave(Task task) {
  left_.add(task, plan_.graph.tasks(task.step).count);
  scheduler_.release(task);
  tally_.left(task);
  finish(task);
}

}  // namespace wfr
