// Whether what is recorded of a task still holds, and why not: the same questions as the job's,
// asked without running.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/fate.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/key.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

struct TaskOutlook {
  Cause cause = Cause::NotRun;
  std::vector<std::string> reasons;  // whole sentences without a full stop
};

class Staleness {
 public:
  // `state` may be a copy elsewhere; logs are looked for below `out_dir` too.
  Staleness(const Plan& plan, const std::filesystem::path& out_dir, const StatePaths& state);
  // From what is recorded and on disk now, for one task by itself: whether a producer would run is
  // not asked. See decide.hpp.
  TaskOutlook look(Task task);
  // The same of a task whose producers are all done, and have made `producers`. With `reasons` also
  // the words, which may cost reads of the log. `made_is_there`: what it reads of other tasks has
  // just been looked at. For any thread.
  Cause compare(Task task,
                const Slot& recorded,
                const std::vector<ProducerDigest>& producers,
                bool made_is_there,
                std::vector<std::string>* reasons);
  [[nodiscard]] Slot slot(Task task) { return slots_.of(task.step).read(task.index); }
  [[nodiscard]] SlotStore& slots() { return slots_; }
  Gate& gate() { return gate_; }
  // By the edges whose producers have made something: of producers that are all done.
  std::vector<ProducerDigest> producers_of(Task task);

 private:
  std::optional<std::vector<KeyPart>> recorded_parts(const Slot& recorded);
  Cause unfinished(const Slot& recorded, std::vector<std::string>* reasons) const;

  const Plan& plan_;
  std::filesystem::path out_dir_;
  SlotStore slots_;
  Gate gate_;
  KeyMaker keys_;
  AttemptMaker maker_;
  TaskContext context_;  // of any task, as far as inputs go
  ContentOf content_;
};

// The record of a slot, also when it was carried from another plan's state.
std::optional<Record> find_record(const std::filesystem::path& out_dir,
                                  const StatePaths& state,
                                  const Slot& slot);

}  // namespace wfr
