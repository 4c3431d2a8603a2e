// `wfc touch`: results that other scripts have made are recorded as done, not made again.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/pass_tasks.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

// A whole step or some of its tasks. `named`: asked for by name, so that a step without declared
// outputs is believed to have done its work.
struct TouchRequest {
  StepId step{};
  Range tasks;
  bool named = false;
};

struct TouchResult {
  std::uint64_t recorded = 0;        // done from now on
  std::uint64_t up_to_date = 0;      // were so before
  std::uint64_t left = 0;            // something is missing: they will run
  std::vector<std::string> reasons;  // of the first tasks that are left, at most 10 a step
};

// Records each task of the requests (of these those in `only`, if it is not null) as done whose
// declared outputs exist, whose inputs exist and whose producers are done, with the key and
// fingerprint that a run would have given it. In topological order, so that a whole workflow is
// adopted in one call. Throws std::system_error when the state cannot be written.
TouchResult touch(const Plan& plan,
                  const std::filesystem::path& out_dir,
                  const std::vector<TouchRequest>& requests,
                  const Selection* only = nullptr);

}  // namespace wfr
