// One name a level, looked up among the children of the directory before.
#include "runtime/run/find_task.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace wfr {
namespace {

std::vector<LevelId> levels_down_to(const Tree& tree, LevelId level) {
  std::vector<LevelId> levels;
  for (; level != kRootLevel; level = tree.level(level).under) levels.push_back(level);
  std::reverse(levels.begin(), levels.end());
  return levels;
}

// The node of `level` named `name` among those in the range; kNone when there is none. Names are
// bytewise sorted within a parent unless they were written in another order: looked at one by one.
Ordinal child_named(const Level& level, Range nodes, std::string_view name) {
  for (Ordinal node = nodes.begin; node < nodes.end; ++node) {
    if (level.names.at(node) == name) return node;
  }
  return kNone;
}

}  // namespace

FoundTask find_task(const Plan& plan, std::string_view name) {
  FoundTask result;
  const std::string step_name(name.substr(0, name.find(':')));
  std::string_view rest = name.substr(std::min(step_name.size() + 1, name.size()));
  const StepId step = plan.find_step(step_name);
  if (index_of(step) >= plan.steps.size()) {
    result.error = "the workflow has no step `" + step_name + "`";
    return result;
  }
  const Tree& tree = plan.graph.tree;
  const InstanceSet& set = plan.graph.tasks(step);
  Ordinal node = 0;
  LevelId above = kRootLevel;
  for (const LevelId id : levels_down_to(tree, set.level)) {
    const std::string own(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(own.size() + 1, rest.size()));
    const Range below = tree.descendants(above, {node, node + 1}, id);
    node = child_named(tree.level(id), below, own);
    if (node == kNone) {
      result.error = fmt::format("`{}` runs once per `{}`: there is no `{}` named `{}` there",
                                 step_name,
                                 tree.level(set.level).name,
                                 tree.level(id).name,
                                 own);
      return result;
    }
    above = id;
  }
  if (!rest.empty() || !set.contains(node)) {
    result.error = rest.empty() ? "`" + step_name + "` has no task for that directory"
                                : "`" + std::string(rest) +
                                      "` is more than the name of a task of `" + step_name + "`";
    return result;
  }
  result.found = true;
  result.task = {step, set.rank_of(node)};
  return result;
}

}  // namespace wfr
