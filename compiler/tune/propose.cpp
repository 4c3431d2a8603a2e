// Margins and rounding.
#include "compiler/tune/propose.hpp"

#include <algorithm>
#include <cmath>

namespace wfc {
namespace {

constexpr double kStepMb = 64;
constexpr double kLeastMb = 128;
constexpr double kMinute = 60;
constexpr std::size_t kFew = 10;
constexpr std::size_t kMany = 59;

std::uint64_t round_up(double value, double step) {
  // What is a hair above a step is that step: the value comes from products of decimal fractions.
  constexpr double kHair = 1e-9;
  return static_cast<std::uint64_t>(std::ceil(value / step - kHair) * step);
}

}  // namespace

double memory_margin(std::size_t tasks) {
  if (tasks >= kMany) return 1.2;
  return tasks >= kFew ? 1.3 : 1.4;
}

Proposal propose(const StepUsage& usage, const wfr::ResourceSpec& asked) {
  Proposal proposal;
  const bool whole = asked.nodes <= 1 && asked.tasks <= 1 && asked.tasks_per_node <= 1;
  const Sample& memory = usage.memory_mb;
  if (whole && (memory.size() > 0 || usage.oom > 0)) {
    const double wanted =
        std::max({memory.max() * memory_margin(memory.size()), 1.5 * usage.too_small_mb, kLeastMb});
    proposal.mem_mb = round_up(wanted, kStepMb);
  }
  const Sample& wall = usage.wall_s;
  if (wall.size() > 0 || usage.timeouts > 0) {
    const double factor = wall.size() < kFew ? 2 : 1.5;
    const double wanted =
        std::max({wall.quantile(0.99) * factor, wall.max() * 1.1, 2 * usage.too_short_s, kMinute});
    proposal.time_s = round_up(wanted, kMinute);
  }
  if (wall.size() > 0) proposal.estimate_s = wall.quantile(0.5);
  return proposal;
}

}  // namespace wfc
