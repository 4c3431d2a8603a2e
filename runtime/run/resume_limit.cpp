// Counts elements in the queue by job.
#include "runtime/run/resume_limit.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace wfr {
namespace {

// How many jobs of the family may run at once. Arrays that wait for others of the family may have
// the same share of the limit: what is left out here is never more than there is.
std::uint32_t most_at_once(const Plan& plan, FamilyId family) {
  std::uint32_t most = 0;
  for (const JobArray& array : plan.arrays) {
    if (array.family != family || array.repeats()) continue;
    const bool waits =
        std::any_of(array.after.begin(), array.after.end(), [&](const Dependency& wait) {
          return plan.arrays[index_of(wait.on)].family == family;
        });
    if (!waits) most += array.limit;
  }
  return most;
}

}  // namespace

LimitShare share_of_limit(const Plan& plan, const Owners& owners, std::uint32_t a) {
  const JobArray& array = plan.arrays[a];
  if (array.limit == 0) return {};
  std::map<std::uint32_t, std::uint32_t> at_once;  // by job
  for (const auto& [place, job] : owners.jobs()) {
    const JobArray& other = plan.arrays[place.first];
    if (other.family != array.family) continue;
    std::uint32_t& some = at_once[job];
    const std::uint32_t lower = owners.limit_of(job);
    const std::uint32_t most = lower > 0         ? lower
                               : other.limit > 0 ? other.limit
                                                 : std::numeric_limits<std::uint32_t>::max();
    if (some < most) ++some;
  }
  std::uint64_t taken = 0;
  for (const auto& [job, some] : at_once) taken += some;
  if (taken == 0) return {array.limit, {}};
  const std::uint64_t most = most_at_once(plan, array.family);
  if (taken < most) {
    return {std::min(array.limit, static_cast<std::uint32_t>(most - taken)), {}};
  }
  LimitShare share{array.limit, {}};
  for (const auto& [job, some] : at_once) share.wait_for.push_back(job);
  return share;
}

}  // namespace wfr
