// The end of a job before its time: signals, and what becomes of the attempts that they end.
#include "runtime/run/job_runner.hpp"
#include "runtime/run/posix_processes.hpp"

#include <csignal>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::int64_t kSlurmGraceNs = 20'000'000'000;
constexpr std::int64_t kLocalGraceNs = 10'000'000'000;
// A SIGTERM that comes this near to the job's time limit is the limit's.
constexpr double kNearTheEnd = 0.9;

}  // namespace

void JobRunner::take_signals() {
  for (int signal = signals_.take(); signal != 0; signal = signals_.take()) stop(signal);
}

void JobRunner::stop(int signal) {
  const bool first = tally_.signal() == 0;
  stopping_ = true;
  if (!out_of_time_) out_of_time_ = is_out_of_time(signal);
  // What has just ended may be a success: it is not counted yet.
  if (first) got_on_ = tally_.made() > 0 || committer_.outstanding() > 0;
  tally_.interrupted(signal);
  const std::int64_t grace = options_.under_slurm ? kSlurmGraceNs : kLocalGraceNs;
  // Ctrl-C means: end. Commands in the background of a shell ignore SIGINT, so they get SIGTERM.
  const int passed = signal == SIGINT || signal == SIGHUP ? SIGTERM : signal;
  for (const auto& [id, running] : running_) {
    processes_.stop(id, first ? passed : SIGKILL, first ? grace : 0);
  }
  kernels_.stop_all(monotonic_ns() + (first ? grace : 0));
  if (first && options_.on_stop && in_flight() > 0) options_.on_stop(in_flight());
}

void JobRunner::stopped(Ended& ended) const {
  ended.verdict = Verdict::Cancelled;
  ended.failure.status = out_of_time_ ? SIGUSR1 : tally_.signal();
  // With a task finished the job goes on from there. Without one the same time would end alike.
  if (!out_of_time_ || got_on_) return;
  ended.verdict = Verdict::Failed;
  ended.failure = {
      FailureKind::Timeout,
      0,
      options_.time_s > 0
          ? fmt::format("not finished within the {} s of its job (`time`)", options_.time_s)
          : "not finished within the time of its job (`time`)"};
}

// Slurm's warning, or its SIGTERM at the limit where the limit leaves no room for a warning.
bool JobRunner::is_out_of_time(int signal) const {
  if (!options_.under_slurm) return false;
  if (signal == SIGUSR1) return true;
  constexpr std::uint64_t kMinute = 60;  // Slurm counts in whole ones, rounded up
  const std::uint64_t limit_s = (options_.time_s + kMinute - 1) / kMinute * kMinute;
  const double elapsed_s = static_cast<double>(monotonic_ns() - begun_ns_) / 1e9;
  return signal == SIGTERM && limit_s > 0 &&
         elapsed_s >= kNearTheEnd * static_cast<double>(limit_s);
}

}  // namespace wfr
