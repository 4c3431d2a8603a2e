// Chooses, climbs, runs; then counts what the slots say.
#include "runtime/run/run_passes.hpp"

#include "runtime/plan/rungs.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <algorithm>
#include <utility>

namespace wfr {
namespace {

bool chosen(const JobOptions& job, Task task) {
  return job.only == nullptr || job.only->contains(task);
}

StepProgress counted(const StepProgress& before, SlotStore& slots, const JobOptions& job) {
  StepProgress step = before;
  step.done = step.failed = step.upstream_failed = step.cancelled = 0;
  const auto count = [&](TaskIndex index, const Slot& slot) {
    if (!chosen(job, {step.step, index})) return;
    if (slot.verdict == Verdict::Done) ++step.done;
    if (slot.verdict == Verdict::Failed) ++step.failed;
    if (slot.verdict == Verdict::UpstreamFailed) ++step.upstream_failed;
    if (slot.verdict == Verdict::Cancelled) ++step.cancelled;
  };
  for (const auto& [id, range] : job.tasks) {
    if (id == step.step) slots.of(id).visit(range, count);
  }
  return step;
}

// The tasks of the job, by step and in ranges.
StepRanges chosen_ranges(const JobOptions& job) {
  StepRanges tasks;
  for (const auto& [step, range] : job.tasks) {
    std::vector<Range> ranges;
    if (job.only == nullptr && !range.empty()) ranges.push_back(range);
    for (TaskIndex i = range.begin; job.only != nullptr && i < range.end; ++i) {
      if (chosen(job, {step, i})) ranges.push_back({i, i + 1});
    }
    join_ranges(ranges);
    if (!ranges.empty()) tasks.emplace_back(step, std::move(ranges));
  }
  return tasks;
}

// The counts of all passes together.
void count_again(SlotStore& slots, const JobOptions& job, JobResult& all) {
  Progress& progress = all.progress;
  progress.done = progress.failed = progress.upstream_failed = 0;
  for (StepProgress& step : all.steps) {
    step = counted(step, slots, job);
    progress.done += step.done;
    progress.failed += step.failed;
    progress.upstream_failed += step.upstream_failed;
  }
  // Of each task the last failure, if it has not been mended.
  std::vector<FailedTask> kept;
  for (auto failed = all.failures.rbegin(); failed != all.failures.rend(); ++failed) {
    const bool told = std::any_of(
        kept.begin(), kept.end(), [&](const auto& other) { return other.task == failed->task; });
    const Slot slot = slots.of(failed->task.step).read(failed->task.index);
    if (!told && slot.verdict == Verdict::Failed) kept.push_back(*failed);
  }
  std::reverse(kept.begin(), kept.end());
  all.failures = std::move(kept);
}

void add(const JobResult& pass, JobResult& all) {
  all.interrupted = pass.interrupted;
  all.signal = pass.signal;
  all.failures.insert(all.failures.end(), pass.failures.begin(), pass.failures.end());
  for (const StepProgress& step : pass.steps) {
    for (StepProgress& whole : all.steps) {
      if (whole.step == step.step) whole.wall_ns += step.wall_ns;
    }
  }
}

bool settled(const JobResult& result) {
  const Progress& progress = result.progress;
  return progress.done + progress.failed + progress.upstream_failed + progress.left ==
         progress.total;
}

}  // namespace

JobResult run_passes(const Plan& plan,
                     const JobOptions& job,
                     JobResult result,
                     const std::function<void(std::uint32_t, std::uint64_t)>& on_pass) {
  const Ceiling ceiling{job.mem_mb, 0};
  const StepRanges tasks = chosen_ranges(job);
  for (std::uint32_t pass = 2; pass <= kMostPasses; ++pass) {
    // What was stopped, by a signal or after a failure, is not begun again.
    if (result.interrupted || result.complete() || !settled(result)) break;
    SlotStore slots(plan, state_paths(job.out_dir, plan.hash), false);
    const Selection mended = select_pass(plan, slots, tasks, pass, ceiling);
    if (mended.size() == 0) break;
    on_pass(pass, mended.size());
    Plan raised = plan;
    climb(raised.steps, pass, ceiling);
    JobOptions again = job;
    again.tasks = mended.hulls();
    again.only = &mended;
    again.again = nullptr;
    add(run_job(raised, again), result);
    count_again(slots, job, result);
  }
  return result;
}

}  // namespace wfr
