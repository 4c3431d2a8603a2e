// Outputs that only their own job reads: in the job's scratch directory, made when somebody in the
// job will read them, and removed when nobody will any more.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/key.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfr {

// Files that are gone before anybody can look have no sizes and times to tell them apart by: such
// outputs are the same as long as their task's key is. `recorded`: the task's slot.
Key scratch_fingerprint(const Slot& recorded, const Key& key);

// Asks, before anything runs, which tasks of the job will: what is up to date needs no intermediate
// files. Does nothing for a job without steps that have `in_scratch`.
// O(tasks + their producers), with a few bytes a task.
class ScratchOutputs {
 public:
  // Looks at what is recorded and on disk now. All must outlive it.
  ScratchOutputs(const Plan& plan,
                 const JobOptions& options,
                 SlotStore& slots,
                 const KeyMaker& keys,
                 const AttemptMaker& maker);
  ScratchOutputs(const ScratchOutputs&) = delete;
  ScratchOutputs& operator=(const ScratchOutputs&) = delete;

  // Whether a task of a step with `in_scratch` has to run. False for others.
  [[nodiscard]] bool wanted(Task task) const;
  // Whether a task will run, for whatever reason, as far as one can know. False for a job without
  // such steps.
  [[nodiscard]] bool will_run(Task task) const;
  // A task of the job has its verdict: what only it still had to read is removed.
  void finished(Task reader);

 private:
  enum class State : std::uint8_t {
    AsRecorded,  // will not run, or cannot
    Unknown,     // will run if anybody wants it, and what it makes is not known yet
    Known        // of `in_scratch` only: what it would make is known
  };
  struct Foresight {
    Range range;
    std::vector<State> states;      // by task of the range
    std::vector<Key> fingerprints;  // these three: of steps with `in_scratch`
    std::vector<bool> wanted;
    std::vector<std::uint32_t> readers;  // that will run, or are running
  };

  [[nodiscard]] Foresight* of(Task task);
  [[nodiscard]] const Foresight* of(Task task) const;
  [[nodiscard]] Slot foreseen(Task task, const Slot& recorded) const;
  void look(Task task, Foresight& step);
  void want_producers(Task reader);
  void remove(Task producer) const;
  template <class Visit>
  void for_each_read(Task reader, Visit visit);

  const Plan& plan_;
  const JobOptions& options_;
  SlotStore& slots_;
  const KeyMaker& keys_;
  const AttemptMaker& maker_;
  Gate gate_;
  std::vector<Foresight> steps_;  // by StepId; empty: the job has no such step
};

}  // namespace wfr
