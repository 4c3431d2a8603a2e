// What the comments of the scripts say of a job.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <string>
#include <string_view>

namespace wfc {

// "Step `a`", or "Steps `a`, `b`".
std::string steps_text(const wfr::Plan& plan, const wfr::Family& family);
// "12 tasks, one job for each `channel` directory, at most 4 at once"
std::string tasks_text(const wfr::Plan& plan, const wfr::JobArray& array);
// "Waits for afterok:01-split, afterany:02-filter"; "" where it waits for nothing.
std::string waits_text(const wfr::Plan& plan, const wfr::JobArray& array);
// "workflow.toml:31", where a step is written.
std::string place_of(const Workflow& workflow, StepId step);
// "aftercorr", "afterok", "afterany"
std::string_view dep_word(wfr::Dep kind);

}  // namespace wfc
