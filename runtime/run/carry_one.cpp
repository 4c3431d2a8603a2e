// One task's newest slot, for a job that finds others at work on its data.
#include "runtime/run/attic.hpp"
#include "runtime/run/carry.hpp"
#include "runtime/run/carry_sources.hpp"
#include "runtime/run/carry_tree.hpp"

#include <algorithm>

namespace wfr {

std::optional<Slot> newest_elsewhere(const std::filesystem::path& out_dir,
                                     const Plan& plan,
                                     Task task) {
  const StepSpec& step = plan.step(task.step);
  const InstanceSet& tasks = plan.graph.tasks(task.step);
  const std::string path = node_path(plan.graph.tree, tasks.level, tasks.node_at(task.index));
  std::optional<Slot> newest;
  for (const CarrySource& source : carry_sources(out_dir, plan.hash)) {
    StepId id = source.plan.find_step(step.name);
    if (id == StepId{kNone} && !step.was.empty()) id = source.plan.find_step(step.was);
    if (id == StepId{kNone}) continue;
    const InstanceSet& there = source.plan.graph.tasks(id);
    const Ordinal node = PathFinder(source.plan.graph.tree, there.level).find(path);
    if (node == kNone || !there.contains(node)) continue;
    const SlotFile file(source.state.slots(source.plan.step(id)), there.count, false);
    const Slot slot = file.read(there.rank_of(node));
    if (slot.time_ns != 0 && (!newest || is_newer(slot, *newest))) newest = slot;
  }
  return newest;
}

}  // namespace wfr
