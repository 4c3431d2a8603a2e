// Which tasks a command is about: targets, each `STEP` or `STEP:NAMES`.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

// Tasks of one step, in ranges that ascend.
struct FoundTasks {
  wfr::StepId step{};
  std::vector<wfr::Range> tasks;
  [[nodiscard]] std::uint64_t count() const;
};

// The tasks that a target names: `highpass` is all of the step, `highpass:session01` all below that
// directory, `highpass:session01/array*` those whose names match a pattern; a name that is just so
// goes before a pattern. Throws std::invalid_argument that says what is wrong with the target.
FoundTasks find_tasks(const wfr::Plan& plan, const std::string& target);
// The same, but for finalizers, which no target names.
FoundTasks find_ordinary_tasks(const wfr::Plan& plan, const std::string& target);
// The same where there must be one.
wfr::Task find_task(const wfr::Plan& plan, const std::string& target);

// The tasks of all targets; without any, all tasks but those of finalizers. Throws as find_tasks().
wfr::Selection select_tasks(const wfr::Plan& plan, const std::vector<std::string>& targets);
// These and all that they need.
wfr::Selection with_needs(const wfr::Plan& plan, const wfr::Selection& tasks);

}  // namespace wfc
