// The loop of one job: start what is ready, wait, commit what has ended, until nothing is left.
#pragma once

#include "runtime/run/attempt.hpp"
#include "runtime/run/commit.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/job_log.hpp"
#include "runtime/run/job_scratch.hpp"
#include "runtime/run/kernel_pool.hpp"
#include "runtime/run/key.hpp"
#include "runtime/run/made_files.hpp"
#include "runtime/run/no_space.hpp"
#include "runtime/run/pass_tasks.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/scheduler.hpp"
#include "runtime/run/scratch_outputs.hpp"
#include "runtime/run/settling.hpp"
#include "runtime/run/signals.hpp"
#include "runtime/run/spares.hpp"
#include "runtime/run/tally.hpp"
#include "runtime/run/task_claims.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace wfr {

class JobRunner {
 public:
  JobRunner(const Plan& plan, const JobOptions& options, Processes& processes, TaskClaims& claims);
  JobResult run();

 private:
  struct Running {
    Attempt attempt;
    std::string program;
    std::string directory;  // where it was started
    std::string temporary;  // its TMPDIR
  };

  static Record record_of(const Attempt& attempt, RecordKind kind);

  // Starting.
  void start_ready();
  void begin(Task task);
  // Of a task that runs elsewhere: another run has claimed it, or a job in the queue will run it.
  void look_at_claimed();
  // False: another one works on it, or has since `seen` was read; it is looked at again.
  bool hold(Task task, const Slot& seen);
  // Whether it, or something that it waits for, is left to others.
  [[nodiscard]] bool is_left(Task task, const Slot& slot) const;
  void leave(Task task);
  // True when a producer is not done, and that is recorded.
  bool gated(Task task);
  // Inputs and key into `context` and `attempt`; false when something is not there, and that is
  // recorded, or the task waits for it.
  bool find_what_it_reads(Attempt& attempt, TaskContext& context, const Slot& slot);
  bool up_to_date(const Attempt& attempt, const Slot& slot);
  void note_start(const Attempt& attempt);
  void start(Attempt attempt, TaskContext& context);
  void start_process(Attempt& attempt, TaskContext& context);
  void fail_to_start(Attempt attempt, Failure failure);
  [[nodiscard]] WrittenPlaces written_by(const Attempt& attempt, std::string temporary) const;
  // Says what is full, where the attempt has failed of that.
  void look_for_space(Ended& ended, const std::string& said, std::string temporary) const;
  // True: what is missing was made, and is waited for. False: it is missing, as `found` says.
  bool wait_for(Task task, TaskInputs& found);
  [[nodiscard]] TaskKey key_of(Task task, const TaskInputs& inputs);

  // Ending.
  void process_ended(ProcessEnd end);
  void kernel_ended(KernelEnd end);
  void commit(Ended ended);
  void take_commits();
  // For good: those that wait for it may start.
  void finish(Task task);
  void take_signals();
  void stop(int signal);
  // What becomes of an attempt that ends because the job was stopped.
  void stopped(Ended& ended) const;
  [[nodiscard]] bool is_out_of_time(int signal) const;
  [[nodiscard]] bool finished() const;
  [[nodiscard]] std::size_t in_flight() const;

  const Plan& plan_;
  const JobOptions& options_;
  std::int64_t begun_ns_;
  Processes& processes_;
  StopSignals signals_;
  SlotStore slots_;
  Gate gate_;
  MadeFiles made_;
  Settling settling_;
  KeyMaker keys_;
  Scheduler scheduler_;
  SpareDirectories spares_;
  Failure no_scratch_;  // why the directory of the job could not be made
  JobScratch job_scratch_;
  AttemptMaker maker_;
  ScratchOutputs scratch_outputs_;
  JobLog log_;
  Tally tally_;
  KernelPool kernels_;
  std::unordered_map<ProcessId, Running> running_;
  std::unordered_map<std::uint64_t, std::uint32_t> tries_;  // of tasks that are tried again
  TaskClaims& claims_;
  bool others_ = false;  // are or were at work on the same data
  std::vector<Task> claimed_elsewhere_;
  std::int64_t claims_looked_at_ns_ = 0;
  Selection left_;
  bool stopping_ = false;
  bool out_of_time_ = false;
  bool got_on_ = false;  // a task was finished before it was stopped
  bool failed_ = false;  // for good, as far as this job goes
  // Last, so that it ends first: its threads use what is above.
  Committer committer_;
};

}  // namespace wfr
