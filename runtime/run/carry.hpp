// What is known of a task stays known under the next plan: of all slots that any plan of an out
// directory has for it, the newest.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace wfr {

struct CarryResult {
  std::uint64_t carried = 0;  // slots that the plan's state has got
  std::uint64_t done = 0;     // of these: done
  std::uint64_t away = 0;     // tasks without a place in the plan, kept in the attic
};

// A task is a step (its name, or its `was`) and the names of its directory. Every slot that was
// ever written counts, whatever its verdict; the newest by its time wins. What the plan does not
// contain goes to state/attic. A finalizer tells of one run: its record is kept, its verdict not.
// Linear in the slots of the states that have changed since the last call, and of the attic. Crash
// safe: a second call goes on. A slot whose task a live job claims is left to that job.
CarryResult carry(const std::filesystem::path& out_dir, const Plan& to);

// The state of a plan as carry() would leave it, for whoever only looks: nothing in the out
// directory changes. Where there is something to carry, it is a copy that goes with this object.
class StateView {
 public:
  StateView(const std::filesystem::path& out_dir, const Plan& plan);
  ~StateView();
  StateView(const StateView&) = delete;
  StateView& operator=(const StateView&) = delete;
  [[nodiscard]] const StatePaths& paths() const { return paths_; }

 private:
  std::filesystem::path temporary_;
  StatePaths paths_;
};

// The newest slot that the states of other plans have for one task: what somebody has recorded
// since carry(). Not what is in the attic.
std::optional<Slot> newest_elsewhere(const std::filesystem::path& out_dir,
                                     const Plan& plan,
                                     Task task);

// The words after `wfr carry`: PLAN, the hash of a plan below ./plan. Returns the exit status.
int carry_command(std::span<const std::string> arguments);

}  // namespace wfr
