// Counting, and one estimate: mean times per step over the parallelism seen so far.
#include "runtime/run/tally.hpp"

#include "runtime/run/pass_tasks.hpp"

#include <algorithm>

namespace wfr {
namespace {

constexpr std::int64_t kShowEveryNs = 100'000'000;
constexpr std::size_t kMostFailures = 1000;

std::uint64_t settled(const StepProgress& step) {
  return step.done + step.failed + step.upstream_failed + step.cancelled + step.left;
}

std::uint64_t chosen(const JobOptions& options, StepId step, Range range) {
  if (options.only == nullptr) return range.size();
  std::uint64_t count = 0;
  for (TaskIndex i = range.begin; i < range.end; ++i) {
    if (options.only->contains({step, i})) ++count;
  }
  return count;
}

}  // namespace

Tally::Tally(const Plan& plan, const JobOptions& options, std::int64_t now_ns)
    : options_(options), begun_ns_(now_ns), position_(plan.steps.size(), kNone) {
  for (const StepId id : plan.order) {
    for (const auto& [step_id, range] : options.tasks) {
      if (step_id != id || range.empty()) continue;
      if (position_[index_of(id)] == kNone) {
        position_[index_of(id)] = static_cast<std::uint32_t>(steps_.size());
        steps_.push_back({});
        steps_.back().step = id;
      }
      const std::uint64_t total = chosen(options, id, range);
      steps_.back().total += total;
      progress_.total += total;
    }
  }
  attempts_.assign(steps_.size(), 0);
}

void Tally::up_to_date(Task task) {
  ++progress_.up_to_date;
  ++progress_.done;
  ++step(task.step).up_to_date;
  ++step(task.step).done;
}

void Tally::left(Task task) {
  ++progress_.left;
  ++step(task.step).left;
}

void Tally::attempted(Task task, std::uint64_t wall_ns) {
  step(task.step).wall_ns += wall_ns;
  ++attempts_[position_[index_of(task.step)]];
}

void Tally::committed(const Committed& result) {
  StepProgress& own = step(result.task.step);
  switch (result.verdict) {
    case Verdict::Done:
      ++progress_.done;
      ++own.done;
      return;
    case Verdict::UpstreamFailed:
      ++progress_.upstream_failed;
      ++own.upstream_failed;
      return;
    case Verdict::Failed: {
      ++progress_.failed;
      ++own.failed;
      const FailedTask failed{
          result.task, result.failure.kind, result.failure.status, result.message};
      if (failures_.size() < kMostFailures) failures_.push_back(failed);
      if (options_.on_failure) options_.on_failure(failed);
      return;
    }
    default:
      ++own.cancelled;
  }
}

double Tally::estimate_s(std::int64_t now_ns) const {
  double known_ns = 0;
  double known = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    known_ns += static_cast<double>(steps_[i].wall_ns);
    known += static_cast<double>(attempts_[i]);
  }
  const auto elapsed = static_cast<double>(now_ns - begun_ns_);
  if (known == 0 || known_ns <= 0 || elapsed <= 0) return -1;
  double left_ns = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const double mean = attempts_[i] > 0 ? static_cast<double>(steps_[i].wall_ns) /
                                               static_cast<double>(attempts_[i])
                                         : known_ns / known;
    left_ns += mean * static_cast<double>(steps_[i].total - settled(steps_[i]));
  }
  // Attempts overlap: this many at once, on average.
  const double parallel = std::max(known_ns / elapsed, 0.1);
  return left_ns / parallel / 1e9;
}

void Tally::show(std::size_t running, std::int64_t now_ns, bool force) {
  if (!options_.on_progress || (!force && now_ns - shown_ns_ < kShowEveryNs)) return;
  shown_ns_ = now_ns;
  progress_.running = running;
  progress_.eta_s = estimate_s(now_ns);
  options_.on_progress(progress_);
}

void Tally::interrupted(int signal) {
  if (!interrupted_) signal_ = signal;
  interrupted_ = true;
}

JobResult Tally::result() const {
  JobResult result;
  result.progress = progress_;
  result.progress.running = 0;
  result.steps = steps_;
  result.failures = failures_;
  result.interrupted = interrupted_;
  result.signal = signal_;
  return result;
}

}  // namespace wfr
