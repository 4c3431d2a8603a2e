// Looks for logs below state/ and for the plan file of each.
#include "compiler/tune/past_plans.hpp"

#include "runtime/plan/plan_head.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace wfc {

namespace fs = std::filesystem;

std::vector<PastPlan> past_plans(const fs::path& out) {
  std::vector<std::string> hashes;
  std::error_code error;
  for (fs::directory_iterator it(out / "state", error), end; !error && it != end;
       it.increment(error)) {
    if (fs::is_directory(it->path() / "log")) hashes.push_back(it->path().filename().string());
  }
  std::sort(hashes.begin(), hashes.end());
  std::vector<PastPlan> plans;
  for (const std::string& hash : hashes) {
    const fs::path file = out / "plan" / hash / "plan.wfp";
    try {
      if (fs::exists(file)) {
        plans.push_back({hash, wfr::map_plan(file, hash)});
      } else if (std::ifstream steps(out / "state" / hash / "steps"); steps) {
        const std::string text{std::istreambuf_iterator<char>(steps), {}};
        plans.push_back({hash, wfr::plan_of_steps(text)});
      }
    } catch (const wfr::PlanError&) {
      // Of another version: its records are of no use without it.
    }
  }
  return plans;
}

}  // namespace wfc
