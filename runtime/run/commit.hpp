// The end of attempts, off the scheduler's thread: outputs renamed in or put aside, the record, the
// slot. Waiting for the disk overlaps with the running of other tasks.
#pragma once

#include "runtime/plan/state.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/gate.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wfr {

struct Ended {
  Attempt attempt;
  Verdict verdict = Verdict::Done;  // as far as the process knows
  Failure failure;
  Record record;  // times and usage filled in
};

struct Committed {
  Task task;
  Verdict verdict = Verdict::None;
  Failure failure;
  std::string message;      // the reason and the end of its output
  std::uint32_t tries = 0;  // in this job, this one not counted
  bool again = false;       // another attempt shall be made: no slot was written
};

// Where a record is, for the slot that points at it.
struct RecordPlace {
  std::uint64_t offset = 0;
  std::uint32_t file = 0;
};

class Committer {
 public:
  // `notify` is called, from any thread, when results are there to take and somebody is in a hurry.
  // `patient`: a command that was killed by SIGKILL is recorded only after a moment, since this
  // process may be killed with it, as by Slurm for the job's memory; the job is to blame then.
  Committer(const Plan& plan,
            std::string root,
            SlotStore& slots,
            std::function<void()> notify,
            bool patient = false);
  ~Committer();  // finishes what it was given
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  RecordPlace start_record(const Record& record);
  void put(Ended ended);
  std::vector<Committed> take();
  // True: somebody waits for the results, so each is committed at once and notified. False: the
  // ends of short tasks are gathered for a moment, since one flush serves many.
  void hurry(bool wanted);
  // Given and not yet taken.
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }

 private:
  // One that is settled on disk and only wants to be recorded.
  struct Settled {
    Committed result;
    Slot slot;
    Record record;
    std::vector<std::string> directories;  // of new outputs
    std::unique_ptr<OutputFiles> files;    // of a success, until it is on record
    bool in_place = false;                 // its slot points at its start
    std::uint16_t attempts_before = 0;     // in this job none is counted
    // One that is tried again has a slot only if its start has one.
    [[nodiscard]] bool needs_slot() const { return !result.again || in_place; }
  };

  void work();
  // What the queue holds after a moment, if nobody is in a hurry.
  std::vector<Ended> gather(std::unique_lock<std::mutex>& lock);
  Settled settle(Ended& ended);
  // What the task owns from now on.
  void note_owned(const Ended& ended, const FoundOutputs& found, Record& record);
  FoundOutputs settle_files(Ended& ended);
  FoundOutputs install(const Attempt& attempt);
  // Makes the new names of outputs durable where the flush of the log does not.
  void sync_directories(const std::vector<Settled>& batch) const;
  // All of a batch with one flush of the log and few of the slots.
  void record(std::vector<Settled>& batch);
  // Those of one step.
  void write_slots(StepId step, const std::vector<Settled*>& settled);
  static Slot slot_of(const Settled& settled);
  [[nodiscard]] bool is_written(const Settled& settled) const;
  static void not_recorded(Settled& settled, const std::string& problem);

  const Plan& plan_;
  std::string root_;
  SlotStore& slots_;
  Journal journal_;  // of the log
  std::function<void()> notify_;
  bool patient_ = false;
  std::size_t outstanding_ = 0;  // the scheduler's thread only

  std::mutex log_mutex_;
  LogWriter log_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Ended> queue_;
  std::vector<Committed> results_;
  std::size_t idle_ = 0;
  bool gathering_ = false;
  bool hurry_ = true;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wfr
