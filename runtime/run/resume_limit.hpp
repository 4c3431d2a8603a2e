// What jobs in the queue leave of a step's `limit`. Private to resume.cpp.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/resume_owners.hpp"

#include <cstdint>
#include <vector>

namespace wfr {

struct LimitShare {
  std::uint32_t limit = 0;  // %limit of a part that is submitted beside them; 0: none
  // Jobs that leave no room: the part waits for them, and has the limit to itself then.
  std::vector<std::uint32_t> wait_for;
};
// Of a part of the array at position `a`. A limit counts over all jobs of the array's family. An
// array in the queue takes as much of it as its own %limit and the elements that it has left allow.
LimitShare share_of_limit(const Plan& plan, const Owners& owners, std::uint32_t a);

}  // namespace wfr
