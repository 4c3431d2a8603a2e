// TaskGraph -> JobGraph: one family a step, or one family for everything.
#include "compiler/graph/partition.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace wfc {

namespace {

bool is_executed_by_jobs(const Workflow& workflow, const wfr::TaskGraph& graph, StepId id) {
  const StepDef& step = workflow.step(id);
  return !step.dropped && step.spec.finalizer == wfr::FinalizerKind::None &&
         graph.tasks(id).count > 0;
}

// Steps that have tasks, in topological order.
std::vector<StepId> executed_steps(const Workflow& workflow, const wfr::TaskGraph& graph) {
  std::vector<StepId> steps;
  for (const StepId id : workflow.order) {
    if (is_executed_by_jobs(workflow, graph, id)) steps.push_back(id);
  }
  return steps;
}

// The nodes of one level at which any of the steps has a task.
wfr::InstanceSet union_of(const std::vector<StepId>& steps,
                          LevelId level,
                          const wfr::TaskGraph& graph,
                          wfr::Storage& storage) {
  const std::uint32_t nodes = graph.tree.level(level).size();
  const auto all = std::find_if(
      steps.begin(), steps.end(), [&](StepId id) { return graph.tasks(id).count == nodes; });
  if (all != steps.end()) return wfr::all_nodes(level, nodes);
  std::vector<bool> selected(nodes, false);
  for (const StepId id : steps) {
    const wfr::InstanceSet& tasks = graph.tasks(id);
    for (wfr::Ordinal node = 0; node < nodes; ++node) {
      if (tasks.contains(node)) selected[node] = true;
    }
  }
  return wfr::make_instances(level, selected, storage);
}

}  // namespace

JobGraph partition_by_step(const Workflow& workflow, const wfr::TaskGraph& graph) {
  JobGraph jobs;
  const std::vector<StepId> steps = executed_steps(workflow, graph);
  std::map<LevelId, std::vector<StepId>> by_level;
  for (const StepId id : steps) by_level[workflow.step(id).spec.each].push_back(id);
  std::map<LevelId, std::uint32_t> map_of;
  for (const auto& [level, members] : by_level) {
    map_of[level] = static_cast<std::uint32_t>(jobs.maps.size());
    jobs.maps.push_back({level, union_of(members, level, graph, jobs.storage), {}});
  }
  for (const StepId id : steps) {
    const wfr::StepSpec& spec = workflow.step(id).spec;
    jobs.families.push_back({{id}, map_of[spec.each], spec.resources});
  }
  return jobs;
}

JobGraph partition(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& /*sink*/) {
  return partition_by_step(workflow, graph);
}

JobGraph partition_whole(const Workflow& workflow, const wfr::TaskGraph& graph) {
  JobGraph jobs;
  jobs.maps.push_back({wfr::kRootLevel, wfr::all_nodes(wfr::kRootLevel, 1), {}});
  wfr::Family family;
  family.steps = executed_steps(workflow, graph);
  for (const StepId id : family.steps) {
    const wfr::ResourceSpec& asked = workflow.step(id).spec.resources;
    family.job.cpus = std::max(family.job.cpus, asked.cpus);
    family.job.mem_mb = std::max(family.job.mem_mb, asked.mem_mb);
  }
  jobs.families.push_back(std::move(family));
  return jobs;
}

}  // namespace wfc
