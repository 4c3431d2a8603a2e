// A line for each task: STEP INDEX TIME OFFSET, the last two of its slot.
#include "runtime/run/stale_results.hpp"

#include "runtime/plan/state_io.hpp"
#include "runtime/plan/state_words.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/journal.hpp"

#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace wfr {

void write_stale(const Plan& plan,
                 const StatePaths& state,
                 const Decision& decision,
                 const std::filesystem::path& dir) {
  SlotStore slots(plan, state, false);
  std::string lines;
  for (const StepId step : plan.order) {
    const StepDecision& now = decision.steps[index_of(step)];
    if (now.of(Fate::Runs) + now.of(Fate::Blocked) + now.of(Fate::Live) == 0) continue;
    slots.of(step).visit({0, plan.graph.tasks(step).count}, [&](TaskIndex i, const Slot& slot) {
      if (slot.verdict != Verdict::Done || decision.fate({step, i}) == Fate::UpToDate) return;
      lines += fmt::format("{} {} {} {}\n", index_of(step), i, slot.time_ns, slot.log_offset);
    });
  }
  const std::filesystem::path file = dir / "stale";
  if (lines.empty()) {
    std::filesystem::remove(file);
  } else {
    replace_file(file, lines);
  }
}

Selection still_stale(const Plan& plan,
                      const std::filesystem::path& out_dir,
                      const StatePaths& state,
                      std::string run) {
  Selection stale(plan.steps.size());
  // A view has slots only.
  const StatePaths own = state_paths(out_dir, plan.hash);
  if (run.empty()) {
    const std::vector<JournalRun> runs = read_journal(own.journal());
    if (runs.empty()) return stale;
    run = runs.back().id;
  }
  if (!is_run_word(run))
    throw std::runtime_error("`" + visible(run) + "` is not the name of a run");
  SlotStore slots(plan, state, false);
  Selection unchanged(plan.steps.size());
  std::ifstream in(own.dir / "tables" / run / "stale");
  std::size_t step = 0;
  TaskIndex index = 0;
  std::int64_t time_ns = 0;
  std::uint64_t offset = 0;
  while (in >> step >> index >> time_ns >> offset) {
    if (step >= plan.steps.size()) continue;
    const Task task{static_cast<StepId>(step), index};
    const std::uint32_t count = plan.graph.tasks(task.step).count;
    if (index >= count) continue;
    const Slot slot = slots.of(task.step).read(index);
    const bool same =
        slot.verdict == Verdict::Done && slot.time_ns == time_ns && slot.log_offset == offset;
    if (same) unchanged.add(task, count);
  }
  if (unchanged.size() == 0) return stale;
  DecideOptions options;
  options.only = &unchanged;
  const Decision decision = decide(plan, out_dir, state, options);
  for (const auto& [id, range] : unchanged.hulls()) {
    for (TaskIndex i = range.begin; i < range.end; ++i) {
      const Cause cause = decision.cause({id, i});
      if (unchanged.contains({id, i}) && (is_stale(cause) || is_blocked(cause))) {
        stale.add({id, i}, plan.graph.tasks(id).count);
      }
    }
  }
  return stale;
}

}  // namespace wfr
