// Reads the logs of every plan that has run.
#include "compiler/tune/usage.hpp"

#include "compiler/tune/past_plans.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/run/key.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace wfc {
namespace {

namespace fs = std::filesystem;

constexpr double kMega = 1024.0 * 1024.0;
constexpr double kNano = 1e-9;

// Where a step of an older plan stands in the last one: by name, else by its former name.
std::optional<wfr::StepId> same_step(const wfr::Plan& last, const std::string& name) {
  for (const bool former : {false, true}) {
    for (std::size_t i = 0; i < last.steps.size(); ++i) {
      const wfr::StepSpec& step = last.steps[i];
      if ((former ? step.was : step.name) == name) {
        return wfr::StepId{static_cast<std::uint32_t>(i)};
      }
    }
  }
  return std::nullopt;
}

void read_plan(const fs::path& out, const PastPlan& past, const wfr::Plan& last, Usage& usage) {
  struct Target {
    StepUsage* usage = nullptr;
    bool same_command = false;
  };
  std::vector<Target> targets(past.plan.steps.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const wfr::StepSpec& step = past.plan.steps[i];
    const std::optional<wfr::StepId> id = same_step(last, step.name);
    if (!id) continue;
    const wfr::StepSpec& now = last.step(*id);
    targets[i].usage = &usage[now.name];
    targets[i].same_command = wfr::step_key_parts(past.plan.graph.tree, step) ==
                              wfr::step_key_parts(last.graph.tree, now);
  }
  wfr::read_logs(wfr::state_paths(out, past.hash).log_dir(), [&](const wfr::Record& record) {
    const std::size_t step = wfr::index_of(record.task.step);
    if (step >= targets.size() || targets[step].usage == nullptr) return;
    add_attempt(
        *targets[step].usage, record, past.plan.steps[step].resources, targets[step].same_command);
  });
}

}  // namespace

double Sample::quantile(double q) const {
  if (values_.empty()) return 0;
  const double position = std::ceil(q * static_cast<double>(values_.size()));
  const std::size_t rank = std::clamp<std::size_t>(
      position < 1 ? 1 : static_cast<std::size_t>(position), 1, values_.size());
  std::vector<double> sorted = values_;
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place;
}

double Sample::sum() const {
  return std::accumulate(values_.begin(), values_.end(), 0.0);
}

void add_attempt(StepUsage& usage,
                 const wfr::Record& record,
                 const wfr::ResourceSpec& asked,
                 bool same_command) {
  if (record.kind != wfr::RecordKind::End) return;
  // A task that was only recorded as done (`wfc touch`) has taken no time. One that was killed with
  // its job has told none, but it says what was too little.
  const bool killed = record.failure == wfr::FailureKind::OutOfMemory;
  if (record.wall_ns == 0 && !killed) return;
  if (!same_command) {
    ++usage.of_other_commands;
    return;
  }
  const double wall_s = static_cast<double>(record.wall_ns) * kNano;
  const double peak_mb = static_cast<double>(record.peak_memory) / kMega;
  if (record.verdict == wfr::Verdict::Done) {
    usage.wall_s.add(wall_s);
    if (record.peak_memory > 0) usage.memory_mb.add(peak_mb);
    usage.cpu_s += static_cast<double>(record.cpu_ns) * kNano;
    usage.cpu_allowed_s += wall_s * std::max(asked.cpus, 1U);
    return;
  }
  if (record.failure == wfr::FailureKind::OutOfMemory) {
    ++usage.oom;
    usage.too_small_mb = std::max({usage.too_small_mb, peak_mb, static_cast<double>(asked.mem_mb)});
  }
  if (record.failure == wfr::FailureKind::Timeout) {
    ++usage.timeouts;
    usage.too_short_s = std::max(usage.too_short_s, wall_s);
  }
}

Usage read_usage(const fs::path& out) {
  Usage usage;
  const std::string hash = wfr::read_last(out);
  const std::vector<PastPlan> plans = past_plans(out);
  const auto last = std::find_if(
      plans.begin(), plans.end(), [&](const PastPlan& past) { return past.hash == hash; });
  if (last == plans.end()) return usage;
  for (const PastPlan& past : plans) read_plan(out, past, last->plan, usage);
  return usage;
}

}  // namespace wfc
