// Joins each step to the family of one of its producers, in topological order.
#include "compiler/graph/fusion.hpp"

#include "compiler/graph/compatible.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/durations.hpp"
#include "compiler/graph/groups.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

// What only the steps that read it shall see asks for one job with them.
bool may_follow(const Workflow& workflow, const StepDef& producer, const StepDef& step) {
  return step.fuse.value_or(workflow.jobs.fuse || producer.temp);
}

// Why the step cannot join the group of its producer over `edge`; "" if it can.
std::string obstacle(const Workflow& workflow,
                     const wfr::TaskGraph& graph,
                     const Groups& groups,
                     const wfr::Edge& edge) {
  const std::size_t group = groups.of(edge.from);
  const Draft& draft = groups.draft(group);
  const StepDef& producer = workflow.step(edge.from);
  const StepDef& step = workflow.step(edge.to);
  const std::string& name = producer.spec.name;
  if (producer.fuse == false) return fmt::format("`{}` has `fuse = false`", name);
  const std::string difference = what_differs(workflow, producer, step);
  if (!difference.empty()) {
    return fmt::format("{} of `{}` differs, and a job has only one", difference, name);
  }
  for (const StepDef* one : {&producer, &step}) {
    const StepId id = one == &step ? edge.to : edge.from;
    if (!leaves_by_pairs(graph, id, draft.level)) continue;
    return fmt::format("tasks of `{}` wait for each other beyond {}",
                       one->spec.name,
                       quoted_directory(workflow, draft.level));
  }
  for (const StepId id : draft.steps) {
    if (workflow.step(id).spec.limit != step.spec.limit) {
      return fmt::format("`limit` of `{}` differs", workflow.step(id).spec.name);
    }
  }
  for (const wfr::Edge& other : graph.edges) {
    if (other.to != edge.to || !groups.has(other.from)) continue;
    if (groups.of(other.from) == group && !graph.tree.is_at_or_above(edge.via, other.via)) {
      return fmt::format("it waits for `{}` of the whole of {}",
                         workflow.step(other.from).spec.name,
                         quoted_directory(workflow, other.via));
    }
    if (groups.reaches(groups.of(other.from), group)) continue;
    return fmt::format(
        "it also waits for `{}`, and `{}` does not", workflow.step(other.from).spec.name, name);
  }
  std::vector<StepId> together = draft.steps;
  together.push_back(edge.to);
  if (!fits_the_time(workflow, graph, together)) {
    return fmt::format(
        "with `{}` it takes longer than site `{}` lets a job run", name, workflow.site.name);
  }
  return "";
}

}  // namespace

std::vector<Draft> fuse(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        std::vector<Draft> drafts,
                        std::vector<PassNote>& notes) {
  std::vector<StepId> steps;
  for (const Draft& draft : drafts) {
    if (!draft.placed) steps.insert(steps.end(), draft.steps.begin(), draft.steps.end());
  }
  Groups groups(workflow, graph.edges, std::move(drafts));
  for (const StepId id : steps) {
    const StepDef& step = workflow.step(id);
    std::string first_obstacle;
    for (const wfr::Edge& edge : graph.edges) {
      if (edge.to != id || edge.via != step.spec.each || !groups.has(edge.from)) continue;
      if (!may_follow(workflow, workflow.step(edge.from), step)) continue;
      const Draft& before = groups.draft(groups.of(edge.from));
      if (before.placed || before.level != step.spec.each) continue;
      const std::string reason = obstacle(workflow, graph, groups, edge);
      if (reason.empty()) {
        groups.merge(groups.of(edge.from), groups.of(id));
        first_obstacle.clear();
        break;
      }
      if (first_obstacle.empty()) first_obstacle = reason;
    }
    if (!first_obstacle.empty()) {
      notes.push_back(
          {"fusion", {id}, "has a job of its own: " + first_obstacle, workflow.jobs.fuse_span});
    }
  }
  std::vector<Draft> result = groups.ordered();
  for (Draft& draft : result) {
    if (draft.placed || draft.steps.size() == 1) continue;
    draft.span = workflow.jobs.fuse_span;
    notes.push_back({"fusion",
                     draft.steps,
                     fmt::format("one job runs {} of {}",
                                 quoted_steps(workflow, draft.steps),
                                 quoted_directory(workflow, draft.level)),
                     draft.span});
  }
  return result;
}

}  // namespace wfc
