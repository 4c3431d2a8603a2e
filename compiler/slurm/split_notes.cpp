// Looks at the dependencies on whole arrays, and tries the split that would make them smaller.
#include "compiler/slurm/split_notes.hpp"

#include "compiler/slurm/split_to_fit.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Family;
using wfr::FamilyId;

bool holds(const Family& family, StepId id) {
  return std::find(family.steps.begin(), family.steps.end(), id) != family.steps.end();
}

// The level of whose directories each has its own part of both families; the root if there is none.
LevelId level_between(const wfr::Plan& plan, const Family& earlier, const Family& later) {
  const wfr::Tree& tree = plan.graph.tree;
  const LevelId before = plan.maps[earlier.block_map].level;
  const LevelId after = plan.maps[later.block_map].level;
  LevelId level = tree.lowest_common(before, after);
  for (const wfr::Edge& edge : plan.graph.edges) {
    if (holds(earlier, edge.from) && holds(later, edge.to)) {
      level = tree.lowest_common(level, edge.via);
    }
  }
  // Directory by directory is no fan-out and no gather: it waits for all for another reason.
  return level == before && level == after ? wfr::kRootLevel : level;
}

class Splits {
 public:
  Splits(const Workflow& workflow, const wfr::Plan& plan) : workflow_(workflow), plan_(plan) {}

  // Of the level, or of the finest above it that the site takes and that cuts `earlier`.
  [[nodiscard]] std::optional<std::pair<LevelId, QueueUse>> at_or_above(LevelId level,
                                                                        const Family& earlier) {
    const wfr::Tree& tree = plan_.graph.tree;
    const wfr::InstanceSet& nodes = plan_.maps[earlier.block_map].nodes;
    for (; level != wfr::kRootLevel; level = tree.level(level).under) {
      if (split_points(tree, nodes, {level}).size() == 1) continue;
      auto found = tried_.find(level);
      if (found == tried_.end()) {
        found = tried_.emplace(level, use_with_split(workflow_, plan_.graph, {level})).first;
      }
      if (found->second) return std::pair(level, *found->second);
    }
    return std::nullopt;
  }

 private:
  const Workflow& workflow_;
  const wfr::Plan& plan_;
  std::map<LevelId, std::optional<QueueUse>> tried_;
};

}  // namespace

void note_splits(const Workflow& workflow, const wfr::Plan& plan, std::vector<PassNote>& notes) {
  if (workflow.jobs.split) return;
  Splits splits(workflow, plan);
  std::set<std::pair<FamilyId, FamilyId>> told;
  for (const wfr::JobArray& array : plan.arrays) {
    if (array.repeats() || array.depth) continue;
    const Family& family = plan.families[wfr::index_of(array.family)];
    for (const wfr::Dependency& wait : array.after) {
      const wfr::JobArray& before = plan.arrays[wfr::index_of(wait.on)];
      if (wait.kind != wfr::Dep::AfterAny || before.depth || before.family == array.family)
        continue;
      if (!told.insert({before.family, array.family}).second) continue;
      const Family& earlier = plan.families[wfr::index_of(before.family)];
      // What pairs tie together, no split keeps apart.
      if (!plan.maps[earlier.block_map].order.empty()) continue;
      const auto found = splits.at_or_above(level_between(plan, earlier, family), earlier);
      if (!found) continue;
      const std::string& name = workflow.level(found->first).name;
      notes.push_back(
          {"split",
           family.steps,
           fmt::format("`{}` waits for all of `{}`: `[jobs] split = \"{}\"` would let each `{}` "
                       "directory go on by itself, {} calls of sbatch instead of {}",
                       array.name,
                       before.name,
                       name,
                       name,
                       found->second.submissions,
                       queue_use(plan).submissions),
           {}});
    }
  }
}

}  // namespace wfc
