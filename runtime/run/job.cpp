// A job begins when its tasks are its own.
#include "runtime/run/job.hpp"

#include "runtime/run/claim.hpp"
#include "runtime/run/job_runner.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/signals.hpp"
#include "runtime/run/task_claims.hpp"

#include <ctime>

namespace wfr {

JobResult run_job(const Plan& plan, const JobOptions& options, Processes& processes) {
  TaskClaims claims(plan, data_root(plan, options.out_dir));
  return JobRunner(plan, options, processes, claims).run();
}

namespace {

// Until the job has its tasks for itself; a signal that came first, else 0.
int wait_for(Claim& claim, const JobOptions& options) {
  constexpr timespec kPause{0, 100'000'000};
  const StopSignals signals;
  for (bool said = false; !claim.take(); nanosleep(&kPause, nullptr)) {
    if (!said && options.on_warning) {
      options.on_warning("another run holds some of these tasks: waiting for it");
    }
    said = true;
    if (const int signal = signals.take(); signal != 0) return signal;
  }
  // One may have come with the last look.
  return signals.take();
}

}  // namespace

JobResult run_job(const Plan& plan, const JobOptions& options) {
  Claim claim(plan,
              state_paths(options.out_dir, plan.hash),
              options.claim.empty() ? options.tasks : options.claim);
  if (const int signal = wait_for(claim, options); signal != 0) {
    JobResult stopped;
    stopped.interrupted = true;
    stopped.signal = signal;
    for (const auto& [step, range] : options.tasks) {
      stopped.progress.total += range.empty() ? 0 : range.size();
    }
    return stopped;
  }
  TaskClaims claims(plan, data_root(plan, options.out_dir));
  std::vector<int> held = claim.descriptors();
  held.push_back(claims.descriptor());
  PosixProcesses processes(held);
  return JobRunner(plan, options, processes, claims).run();
}

}  // namespace wfr
