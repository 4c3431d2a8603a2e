// The plans of an out directory that have run.
#pragma once

#include "runtime/plan/plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

struct PastPlan {
  std::string hash;
  wfr::Plan plan;  // of a plan that was removed its steps only
};

// Every plan with records whose steps this version reads, in the order of their hashes.
std::vector<PastPlan> past_plans(const std::filesystem::path& out);

}  // namespace wfc
