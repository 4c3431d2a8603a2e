// Questions to a plan: names, counts, the tasks of a block, a summary.
#include "runtime/plan/json_archive.hpp"
#include "runtime/plan/plan.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace wfr {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view command_name(CommandKind kind) {
  switch (kind) {
    case CommandKind::Kernel:
      return "kernel";
    case CommandKind::Shell:
      return "run";
    case CommandKind::Argv:
      break;
  }
  return "argv";
}

constexpr std::string_view finalizer_name(FinalizerKind kind) {
  switch (kind) {
    case FinalizerKind::Success:
      return "success";
    case FinalizerKind::Failure:
      return "failure";
    case FinalizerKind::Always:
      return "always";
    case FinalizerKind::None:
      break;
  }
  return "";
}

constexpr std::string_view dependency_name(Dep kind) {
  switch (kind) {
    case Dep::AfterCorr:
      return "aftercorr";
    case Dep::AfterCorrOrAny:
      return "aftercorr-or-afterany";
    case Dep::AfterOk:
      return "afterok";
    case Dep::AfterAny:
      break;
  }
  return "afterany";
}

OrderedJson text(const std::string& value) {
  return OrderedJson(text_to_json(value));
}

OrderedJson resources_json(const ResourceSpec& resources) {
  OrderedJson json;
  json["cpus"] = resources.cpus;
  if (resources.mem_mb != 0) json["mem_mb"] = resources.mem_mb;
  if (resources.time_s != 0) json["time_s"] = resources.time_s;
  if (resources.nodes != 1) json["nodes"] = resources.nodes;
  if (!resources.gpus.empty()) json["gpus"] = text(resources.gpus);
  return json;
}

OrderedJson step_json(const Plan& plan, StepId id) {
  const StepSpec& step = plan.step(id);
  OrderedJson json;
  json["name"] = text(step.name);
  if (step.each != kRootLevel) json["each"] = text(plan.graph.tree.level(step.each).name);
  if (step.finalizer != FinalizerKind::None) json["on"] = finalizer_name(step.finalizer);
  json["command"] = command_name(step.command);
  if (step.command == CommandKind::Kernel) json["kernel"] = text(step.kernel);
  json["tasks"] = plan.graph.tasks(id).count;
  OrderedJson needs = OrderedJson::array();
  OrderedJson after = OrderedJson::array();
  for (const NeedSpec& need : step.needs) {
    if (need.edge != kNone) (need.data ? needs : after).push_back(text(need.step_name));
  }
  if (!needs.empty()) json["needs"] = needs;
  if (!after.empty()) json["after"] = after;
  json["resources"] = resources_json(step.resources);
  return json;
}

OrderedJson array_json(const Plan& plan, const JobArray& array) {
  OrderedJson json;
  json["name"] = text(array.name);
  json["jobs"] = array.size();
  json["plain"] = array.plain;
  if (array.repeats()) json["pass"] = array.pass;
  if (array.limit != 0) json["limit"] = array.limit;
  OrderedJson steps = OrderedJson::array();
  const Family& family = plan.families[index_of(array.family)];
  for (const StepId step : family.steps) steps.push_back(text(plan.step(step).name));
  json["steps"] = steps;
  OrderedJson after = OrderedJson::array();
  for (const Dependency& dependency : array.after) {
    after.push_back({{"kind", dependency_name(dependency.kind)},
                     {"on", text(plan.arrays[index_of(dependency.on)].name)}});
  }
  if (!after.empty()) json["after"] = after;
  json["resources"] = resources_json(job_of(plan, array));
  return json;
}

}  // namespace

StepId Plan::find_step(std::string_view name) const {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].name == name) return StepId{static_cast<std::uint32_t>(i)};
  }
  return StepId{kNone};
}

std::uint64_t Plan::task_count() const {
  std::uint64_t total = 0;
  for (const StepId id : order) {
    if (step(id).finalizer == FinalizerKind::None) total += graph.tasks(id).count;
  }
  return total;
}

std::string plan_summary_json(const Plan& plan) {
  OrderedJson json;
  json["hash"] = plan.hash;
  json["workflow"] = text(plan.workflow);
  json["root"] = text(plan.root);
  json["site"] = text(plan.site);
  json["wfc"] = text(plan.wfc_version);
  json["tasks"] = plan.task_count();
  OrderedJson levels = OrderedJson::array();
  for (const Level& level : plan.graph.tree.levels) {
    if (level.name.empty()) continue;
    levels.push_back({{"name", text(level.name)},
                      {"under", text(plan.graph.tree.level(level.under).name)},
                      {"directories", level.size()}});
  }
  json["levels"] = levels;
  OrderedJson steps = OrderedJson::array();
  for (const StepId id : plan.order) steps.push_back(step_json(plan, id));
  json["steps"] = steps;
  OrderedJson arrays = OrderedJson::array();
  for (const JobArray& array : plan.arrays) arrays.push_back(array_json(plan, array));
  json["arrays"] = arrays;
  return json.dump(2) + "\n";
}

void join_ranges(std::vector<Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](Range a, Range b) { return a.begin < b.begin; });
  std::size_t kept = 0;
  for (const Range range : ranges) {
    if (range.empty()) continue;
    if (kept > 0 && ranges[kept - 1].end == range.begin) {
      ranges[kept - 1].end = range.end;
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

bool holds(const std::vector<Range>& ranges, TaskIndex task) {
  const auto range = std::partition_point(
      ranges.begin(), ranges.end(), [&](const Range& earlier) { return earlier.end <= task; });
  return range != ranges.end() && range->begin <= task;
}

std::vector<std::pair<StepId, Range>> range_by_range(const StepRanges& tasks) {
  std::vector<std::pair<StepId, Range>> flat;
  for (const auto& [step, ranges] : tasks) {
    for (const Range& range : ranges) flat.emplace_back(step, range);
  }
  return flat;
}

std::vector<Range> nodes_of_blocks(const BlockMap& map, Range blocks) {
  if (blocks.empty()) return {};
  Range places = blocks;
  if (!map.begin.empty()) places = {map.begin[blocks.begin], map.begin[blocks.end]};
  std::vector<Range> ranks{places};
  if (!map.order.empty()) {
    ranks.clear();
    for (std::uint32_t i = places.begin; i < places.end; ++i) {
      ranks.push_back({map.order[i], map.order[i] + 1});
    }
  }
  join_ranges(ranks);
  for (Range& range : ranks) {
    range = {map.nodes.node_at(range.begin), map.nodes.node_at(range.end - 1) + 1};
  }
  return ranks;
}

StepRanges tasks_of_block(const Plan& plan, const Family& family, std::uint32_t block) {
  const BlockMap& map = plan.maps[family.block_map];
  if (block >= map.blocks()) {
    throw PlanError("block " + std::to_string(block) + " is not one of " +
                    std::to_string(map.blocks()));
  }
  const std::vector<Range> nodes = nodes_of_blocks(map, {block, block + 1});
  StepRanges tasks;
  tasks.reserve(family.steps.size());
  for (const StepId step : family.steps) {
    const InstanceSet& set = plan.graph.tasks(step);
    std::vector<Range>& ranges = tasks.emplace_back(step, std::vector<Range>{}).second;
    if (set.nodes == 0) continue;
    for (const Range& some : nodes) {
      ranges.push_back(set.tasks_in(plan.graph.tree.descendants(map.level, some, set.level)));
    }
    join_ranges(ranges);
  }
  return tasks;
}

std::uint32_t block_of(const TaskGraph& graph, const BlockMap& map, Task task) {
  const InstanceSet& set = graph.tasks(task.step);
  const Ordinal node = graph.tree.ancestor(set.level, set.node_at(task.index), map.level);
  const std::uint32_t rank = map.nodes.rank_of(node);
  if (!map.block.empty()) return map.block[rank];
  if (map.begin.empty()) return rank;
  const auto after = std::upper_bound(map.begin.begin(), map.begin.end(), rank);
  return static_cast<std::uint32_t>(after - map.begin.begin()) - 1;
}

const ResourceSpec& job_of(const Plan& plan, const JobArray& array) {
  return array.repeats() ? array.job : plan.families[index_of(array.family)].job;
}

std::string task_name(const Plan& plan, Task task) {
  const StepSpec& step = plan.step(task.step);
  if (step.each == kRootLevel) return step.name;
  const InstanceSet& set = plan.graph.tasks(task.step);
  return step.name + ":" + plan.graph.tree.directory(set.level, set.node_at(task.index));
}

}  // namespace wfr
