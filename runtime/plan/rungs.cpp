// Growth by per cent, cut at what there is.
#include "runtime/plan/rungs.hpp"

#include <algorithm>

namespace wfr {
namespace {

// No machine has more megabytes and no job more seconds; it keeps products within 64 bits.
constexpr std::uint64_t kMostAmount = std::uint64_t{1} << 44U;

std::uint32_t passes(const RetrySpec& retry) {
  return std::min(retry.times, kMostPasses - 1) + 1;
}

std::uint64_t cut(std::uint64_t amount, std::uint64_t first, std::uint64_t ceiling) {
  return ceiling == 0 ? amount : std::max(first, std::min(amount, ceiling));
}

bool has_more(const StepSpec& step, FailureKind kind, std::uint32_t pass, Ceiling ceiling) {
  const Rung now = rung_of(step, pass, ceiling);
  const Rung before = rung_of(step, pass - 1, ceiling);
  if (kind == FailureKind::OutOfMemory) return now.mem_mb > before.mem_mb;
  // Either bound may have ended it: the attempt's own, or its job's.
  return now.timeout_s > before.timeout_s || now.time_s > before.time_s;
}

bool grows(const RetrySpec& retry) {
  return escalates(retry, FailureKind::OutOfMemory) || escalates(retry, FailureKind::Timeout);
}

}  // namespace

std::uint64_t grown(std::uint64_t amount, std::uint32_t percent, std::uint32_t pass) {
  if (percent <= 100) return amount;
  for (std::uint32_t i = 1; i < pass; ++i) {
    amount = std::min(kMostAmount, (std::min(kMostAmount, amount) * percent + 99) / 100);
  }
  return amount;
}

Rung rung_of(const StepSpec& step, std::uint32_t pass, Ceiling ceiling) {
  const RetrySpec& retry = step.retry;
  // One that is held back until a later pass than its own last has what that one had.
  const std::uint32_t own = std::min(pass, passes(retry));
  const auto amount = [&](std::uint64_t first, std::uint32_t percent, std::uint64_t most) {
    return cut(grown(first, percent, own), first, most);
  };
  return {amount(step.resources.mem_mb, retry.mem_percent, ceiling.mem_mb),
          amount(step.resources.time_s, retry.time_percent, ceiling.time_s),
          amount(step.timeout_s, retry.time_percent, ceiling.time_s)};
}

bool is_retried(const RetrySpec& retry, FailureKind kind) {
  if (kind == FailureKind::None || kind == FailureKind::Cancelled) return false;
  // The same thing would stand there again, and a job prepares its environment once.
  if (kind == FailureKind::Occupied || kind == FailureKind::Preparation) return false;
  const auto named = [&](FailureKind one) {
    return std::find(retry.on.begin(), retry.on.end(), one) != retry.on.end();
  };
  if (retry.on.empty() || named(kind)) return true;
  return kind == FailureKind::Lost && named(FailureKind::Node);
}

bool escalates(const RetrySpec& retry, FailureKind kind) {
  const bool more = (kind == FailureKind::OutOfMemory && retry.mem_percent > 100) ||
                    (kind == FailureKind::Timeout && retry.time_percent > 100);
  return more && retry.times > 0 && is_retried(retry, kind);
}

bool mends(const StepSpec& step, FailureKind kind, std::uint32_t pass, Ceiling ceiling) {
  const RetrySpec& retry = step.retry;
  if (pass < 2 || pass > passes(retry) || !grows(retry) || !is_retried(retry, kind)) return false;
  if (kind == FailureKind::Lost || kind == FailureKind::Node) return true;
  return escalates(retry, kind) && has_more(step, kind, pass, ceiling);
}

std::uint32_t last_pass_of(const StepSpec& step, Ceiling ceiling) {
  std::uint32_t last = 1;
  for (std::uint32_t pass = 2; pass <= passes(step.retry); ++pass) {
    const bool more = mends(step, FailureKind::OutOfMemory, pass, ceiling) ||
                      mends(step, FailureKind::Timeout, pass, ceiling);
    if (more) last = pass;
  }
  return last;
}

void climb(std::vector<StepSpec>& steps, std::uint32_t pass, Ceiling ceiling) {
  for (StepSpec& step : steps) {
    const Rung rung = rung_of(step, pass, ceiling);
    step.resources.mem_mb = rung.mem_mb;
    step.resources.time_s = rung.time_s;
    step.timeout_s = rung.timeout_s;
  }
}

}  // namespace wfr
