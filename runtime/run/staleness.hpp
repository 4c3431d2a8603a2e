// Whether a task would run now, and why: the same questions as the job's, asked without running.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/key.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

enum class Fate : std::uint8_t { UpToDate, Runs, Blocked };

struct TaskOutlook {
  Fate fate = Fate::Runs;
  std::vector<std::string> reasons;  // whole sentences without a full stop
};

class Staleness {
 public:
  // `state` may be a copy elsewhere; logs are looked for below `out_dir` too.
  Staleness(const Plan& plan, const std::filesystem::path& out_dir, const StatePaths& state);
  // From what is recorded and on disk now. A producer that is not done makes it Blocked.
  TaskOutlook look(Task task);
  [[nodiscard]] Slot slot(Task task) { return slots_.of(task.step).read(task.index); }
  Gate& gate() { return gate_; }
  [[nodiscard]] const StatePaths& state() const { return slots_.paths(); }

 private:
  [[nodiscard]] std::vector<std::string> key_reasons(const Slot& slot, const TaskKey& now) const;

  const Plan& plan_;
  std::filesystem::path out_dir_;
  SlotStore slots_;
  Gate gate_;
  KeyMaker keys_;
  AttemptMaker maker_;
};

// The record of a slot, also when it was carried from another plan's state.
std::optional<Record> find_record(const std::filesystem::path& out_dir,
                                  const StatePaths& state,
                                  const Slot& slot);

}  // namespace wfr
