// What of a plan would be submitted now: its tasks that would run, and the jobs that have any.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/decide.hpp"

namespace wfc {

// A plan for counting and simulating, not for running: tasks are numbered anew, blocks of jobs are
// not. `decision` is of the same plan.
wfr::Plan rest_of_plan(const wfr::Plan& plan, const wfr::Decision& decision);

}  // namespace wfc
