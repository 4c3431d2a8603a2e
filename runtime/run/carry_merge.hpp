// The newest slot of every task, step by step, and where it goes. Private to carrying.
#pragma once

#include "runtime/run/attic.hpp"
#include "runtime/run/carry_sources.hpp"
#include "runtime/run/carry_tree.hpp"

#include <functional>
#include <string>
#include <vector>

namespace wfr {

// What all sources and the attic know of one step of the new plan, or of one that it has not.
struct StepHarvest {
  std::string name;         // as the new plan calls it
  StepId step{kNone};       // of the new plan; kNone: it has none
  std::vector<Slot> slots;  // by task of the new plan; time 0: nothing. Empty without any
  AtticItems away;          // without a place in the new plan
};

// Calls `use` for each step, ascending by name.
void harvest(const std::vector<CarrySource>& sources,
             const Attic& attic,
             const Plan& to,
             const std::function<void(StepHarvest&)>& use);

}  // namespace wfr
