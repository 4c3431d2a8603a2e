// A task's producers: are they done, and what have they made? Answered from their slots alone.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace wfr {

// The slot files of a plan's steps, each opened when it is first asked for. For any thread.
class SlotStore {
 public:
  // `states`: see LogReader.
  SlotStore(const Plan& plan,
            StatePaths paths,
            bool writable,
            const std::filesystem::path& states = {});
  SlotFile& of(StepId step);
  // What the slots point at.
  LogReader& records() const { return records_; }
  [[nodiscard]] const StatePaths& paths() const { return paths_; }

 private:
  const Plan& plan_;
  StatePaths paths_;
  bool writable_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SlotFile>> files_;  // by StepId
  mutable LogReader records_;
};

struct ProducerState {
  Verdict verdict = Verdict::Done;  // of the first that is not done
  Task blamed;                      // which one that is
  Key digest;                       // of all fingerprints, when all are done
};

// What a slot is taken to be, from what is recorded.
using SlotView = std::function<Slot(Task task, const Slot& recorded)>;

class Gate {
 public:
  Gate(const Plan& plan, SlotStore& slots, SlotView view = {});
  // Everything that one edge makes `consumer` wait for. All of it must have a verdict by now, or be
  // another job's. One read of a range; consumers below the same via node share the answer.
  const ProducerState& look(std::uint32_t edge, TaskIndex consumer);
  // The edges that end in a step.
  [[nodiscard]] const std::vector<std::uint32_t>& edges_into(StepId step) const {
    return into_[index_of(step)];
  }

 private:
  struct Cached {
    bool valid = false;
    TaskList tasks = Range{};
    ProducerState state;
  };
  const Plan& plan_;
  SlotStore& slots_;
  SlotView view_;
  std::vector<std::vector<std::uint32_t>> into_;  // by StepId
  std::vector<Cached> cached_;                    // by edge
};

// "`split:session01` has failed", for the message of a task that cannot run.
std::string blame_text(const Plan& plan, const ProducerState& state);

}  // namespace wfr
