// Their slots and records as lines.
#include "runtime/run/finalizers_text.hpp"

#include "runtime/plan/visible.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/failures_text.hpp"
#include "runtime/run/slurm_state.hpp"
#include "runtime/run/staleness.hpp"

#include <optional>

#include <fmt/format.h>

namespace wfr {
namespace {

const char* condition_of(FinalizerKind kind) {
  if (kind == FinalizerKind::Success) return "success";
  return kind == FinalizerKind::Failure ? "failure" : "always";
}

}  // namespace

std::string finalizers_text(const Plan& plan, const StatePaths& state, const Caller& caller) {
  SlotStore slots(plan, state, false);
  std::string text;
  for (const StepId id : plan.order) {
    const StepSpec& step = plan.step(id);
    if (step.finalizer == FinalizerKind::None) continue;
    const Slot slot = slots.of(id).read(0);
    text += fmt::format("finalizer `{}` (on {}): ", step.name, condition_of(step.finalizer));
    if (slot.verdict == Verdict::None) {
      text += "has not run\n";
      continue;
    }
    const std::string time = time_text(slot.time_ns);
    if (slot.verdict == Verdict::Done) {
      text += fmt::format("done at {}\n", time);
      continue;
    }
    const std::filesystem::path out = (caller.directory / caller.out).lexically_normal();
    const std::optional<Record> record = find_record(out, state, slot);
    text += fmt::format("{} at {}", slot.verdict == Verdict::Failed ? "failed" : "stopped", time);
    if (record) text += ": " + visible_text(reason_in(record->message));
    text += "\n" + whereabouts_text(plan, {id, 0}, record, caller);
  }
  return text;
}

}  // namespace wfr
