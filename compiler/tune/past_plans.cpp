// Looks for logs below state/ and for the plan file of each.
#include "compiler/tune/past_plans.hpp"

#include <algorithm>
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
    if (!fs::exists(file)) continue;
    try {
      plans.push_back({hash, wfr::map_plan(file, hash)});
    } catch (const wfr::PlanError&) {
      // Of another version: its records are of no use without it.
    }
  }
  return plans;
}

}  // namespace wfc
