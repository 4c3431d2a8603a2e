// Counts of a job as it goes: for the progress line, the summary and the estimate of what remains.
#pragma once

#include "runtime/run/commit.hpp"
#include "runtime/run/job.hpp"

#include <cstdint>
#include <vector>

namespace wfr {

class Tally {
 public:
  Tally(const Plan& plan, const JobOptions& options, std::int64_t now_ns);

  void up_to_date(Task task);
  void left(Task task);                              // to others
  void attempted(Task task, std::uint64_t wall_ns);  // an attempt has ended
  void committed(const Committed& result);
  // Calls on_progress, unless the last call was less than a tenth of a second ago.
  void show(std::size_t running, std::int64_t now_ns, bool force);
  [[nodiscard]] JobResult result() const;
  // Finished in this job.
  [[nodiscard]] std::uint64_t made() const { return progress_.done - progress_.up_to_date; }
  [[nodiscard]] int signal() const { return signal_; }  // 0: not interrupted
  void interrupted(int signal);

 private:
  [[nodiscard]] double estimate_s(std::int64_t now_ns) const;
  StepProgress& step(StepId id) { return steps_[position_[index_of(id)]]; }

  const JobOptions& options_;
  std::int64_t begun_ns_;
  std::int64_t shown_ns_ = 0;
  Progress progress_;
  std::vector<StepProgress> steps_;
  std::vector<std::uint64_t> attempts_;  // parallel: ended ones
  std::vector<std::uint32_t> position_;  // by StepId
  std::vector<FailedTask> failures_;
  bool interrupted_ = false;
  int signal_ = 0;
};

}  // namespace wfr
