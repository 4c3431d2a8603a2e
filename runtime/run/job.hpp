// One job: takes the tasks of one block of a family, keeps its cpus busy, and records every
// verdict.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/process.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

struct JobPlaces;  // attempt.hpp
class Selection;   // pass_tasks.hpp

// The counts a progress line shows; a snapshot.
struct Progress {
  std::uint64_t total = 0;
  std::uint64_t up_to_date = 0;  // of done: found finished
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t upstream_failed = 0;
  std::uint64_t left = 0;  // to others, with what waits for them
  std::uint64_t running = 0;
  double eta_s = -1;  // < 0: not known yet
};

struct FailedTask {
  Task task;
  FailureKind kind{};
  std::int32_t status = 0;
  std::string message;  // reason or tail of stderr
};

// What became of one step's tasks in this job.
struct StepProgress {
  StepId step{};
  std::uint64_t total = 0;
  std::uint64_t done = 0;  // up to date ones included
  std::uint64_t up_to_date = 0;
  std::uint64_t failed = 0;
  std::uint64_t upstream_failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t left = 0;
  std::uint64_t wall_ns = 0;  // of its attempts, summed
};

struct JobResult {
  Progress progress;
  std::vector<StepProgress> steps;   // those of the job, in topological order
  std::vector<FailedTask> failures;  // in order of time, at most 1000 kept
  bool interrupted = false;          // a signal ended it; what was finished is kept
  int signal = 0;                    // which one, when interrupted
  // Nothing of the job is left to do.
  [[nodiscard]] bool complete() const {
    return !interrupted && progress.done == progress.total && progress.left == 0;
  }
};

struct JobOptions {
  std::filesystem::path out_dir;  // absolute
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;                     // 0: no bound
  std::vector<std::pair<StepId, Range>> tasks;  // what this job executes; of a step ascending
  const Selection* only = nullptr;              // not null: of these, just the chosen ones
  // Not null: each of these runs, although it may be up to date.
  const Selection* again = nullptr;
  // Not null: these are jobs' in the queue. Of them, and of what waits for them, none is begun.
  const Selection* left = nullptr;
  // Of which it takes hold, where that is not `tasks`: see claim.hpp. May be beyond a step's tasks.
  std::vector<std::pair<StepId, Range>> claim;
  std::uint64_t time_s = 0;  // the job's limit under Slurm; 0: not known
  bool prepare_environment =
      false;  // modules, conda, setup: true where no script has done it (local)
  // Why the job's script could not prepare the environment: no command is started, and each task
  // fails of this. "": it could, or nothing had to be.
  std::string unprepared;
  bool under_slurm = false;
  bool keep_going = true;
  bool always_run = false;  // finalizers: never up to date
  Environment variables;    // further NAME=value for every task
  std::function<void(const Progress&)>
      on_progress;  // about 10 times a second at most; may be empty
  std::function<void(const FailedTask&)> on_failure;
  std::function<void(const std::string&)> on_warning;
  // The first signal has come, and so many tasks are waited for; a second one kills them.
  std::function<void(std::size_t running)> on_stop = {};
};

// Exit status of `wfr job`: 0 if every task of it is done, 1 otherwise.
// SIGINT, SIGTERM, SIGHUP and SIGUSR1 stop it: they are passed to what runs, which has a grace; a
// second one kills. Throws std::system_error when the state cannot be written.
JobResult run_job(const Plan& plan, const JobOptions& options);
// The same with other processes, for tests.
JobResult run_job(const Plan& plan, const JobOptions& options, Processes& processes);

// Where the plan's data and workflow are.
JobPlaces job_places(const Plan& plan, const std::filesystem::path& out_dir);
// The data's root, absolute: plan.root is kept relative to the out directory.
std::string data_root(const Plan& plan, const std::filesystem::path& out_dir);

}  // namespace wfr
