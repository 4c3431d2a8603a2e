// Which tasks a run is about, and what it would do.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/staleness.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

using TaskRanges = std::vector<std::pair<wfr::StepId, wfr::Range>>;

// All tasks of these steps, or of every step without names; with `to`, of a step and all that it
// needs. Finalizers are never among them. Throws std::invalid_argument for an unknown name.
TaskRanges select_tasks(const wfr::Plan& plan,
                        const std::vector<std::string>& steps,
                        const std::string& to);

struct StepOutlook {
  wfr::StepId step{};
  std::uint64_t total = 0;
  std::uint64_t runs = 0;
  std::uint64_t blocked = 0;  // by something that this run does not make
  std::string example;        // "two:s1/c1: its command has changed"
};
// What a run would do now. A task whose producers would run is taken to run too.
std::vector<StepOutlook> dry_run(const wfr::Plan& plan,
                                 const TaskRanges& tasks,
                                 wfr::Staleness& staleness);
std::string dry_run_text(const wfr::Plan& plan, const std::vector<StepOutlook>& outlook);

}  // namespace wfc
