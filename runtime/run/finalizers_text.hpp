// What became of the finalizers, for `wfc status` and `wfc verdict`.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/proposal.hpp"
#include "runtime/plan/state.hpp"

#include <string>

namespace wfr {

// One line each, with the log of one that has failed; "" without finalizers. They are recorded when
// they have run last, which may be the end of an earlier run: the time is told. Safe to show.
std::string finalizers_text(const Plan& plan, const StatePaths& state, const Caller& caller);

}  // namespace wfr
