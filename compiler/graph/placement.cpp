// Joins each placed step to the first family of its level that can take it.
#include "compiler/graph/placement.hpp"

#include "compiler/graph/compatible.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/groups.hpp"

#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

struct Place {
  LevelId level{};
  Span span;
};

std::optional<Place> place_of(const Workflow& workflow, const wfr::Tree& tree, StepId id) {
  const StepDef& step = workflow.step(id);
  if (step.job_level) return Place{*step.job_level, step.job_span};
  const JobsDef& jobs = workflow.jobs;
  if (jobs.per && tree.is_at_or_above(*jobs.per, step.spec.each)) {
    return Place{*jobs.per, jobs.per_span};
  }
  return std::nullopt;
}

std::string arrows(const Workflow& workflow, const std::vector<StepId>& steps) {
  std::string text;
  for (const StepId id : steps) {
    text += (text.empty() ? "" : " -> ") + workflow.step(id).spec.name;
  }
  return text;
}

// Why the step cannot be in the group; "" if it can.
std::string obstacle(const Workflow& workflow,
                     const wfr::TaskGraph& graph,
                     const Groups& groups,
                     std::size_t group,
                     StepId id) {
  const Draft& draft = groups.draft(group);
  const StepDef& step = workflow.step(id);
  const std::string difference = what_differs(workflow, workflow.step(draft.steps.front()), step);
  if (!difference.empty()) {
    return fmt::format("{} of `{}` differs, and a job has only one",
                       difference,
                       workflow.step(draft.steps.front()).spec.name);
  }
  for (const StepId one : {draft.steps.front(), id}) {
    if (!leaves_by_pairs(graph, one, draft.level)) continue;
    return fmt::format("tasks of `{}` wait for each other beyond {}",
                       workflow.step(one).spec.name,
                       quoted_directory(workflow, draft.level));
  }
  for (const wfr::Edge& edge : graph.edges) {
    if (edge.to != id || groups.of(edge.from) != group) continue;
    if (graph.tree.is_at_or_above(draft.level, edge.via)) continue;
    return fmt::format("it waits for `{}` of the whole of {}",
                       workflow.step(edge.from).spec.name,
                       quoted_directory(workflow, edge.via));
  }
  const std::vector<StepId> path = groups.between(group, groups.of(id));
  return path.empty() ? "" : arrows(workflow, path) + " leads through other jobs";
}

}  // namespace

std::vector<Draft> place(const Workflow& workflow,
                         const wfr::TaskGraph& graph,
                         std::vector<Draft> drafts,
                         std::vector<PassNote>& notes) {
  const std::vector<Draft> steps = drafts;
  Groups groups(workflow, graph.edges, std::move(drafts));
  std::map<LevelId, std::vector<std::size_t>> placed;
  for (const Draft& single : steps) {
    const StepId id = single.steps.front();
    const std::optional<Place> asked = place_of(workflow, graph.tree, id);
    if (!asked) continue;
    std::vector<std::size_t>& candidates = placed[asked->level];
    std::string first_obstacle;
    bool joined = false;
    for (const std::size_t group : candidates) {
      const std::string reason = obstacle(workflow, graph, groups, group, id);
      if (reason.empty()) {
        groups.merge(group, groups.of(id));
        joined = true;
        break;
      }
      if (first_obstacle.empty()) first_obstacle = reason;
    }
    if (!first_obstacle.empty()) {
      notes.push_back({"placement",
                       {id},
                       fmt::format("not in the first job of {}: {}",
                                   quoted_directory(workflow, asked->level),
                                   first_obstacle),
                       asked->span});
    }
    if (joined) continue;
    Draft& draft = groups.draft(groups.of(id));
    draft.level = asked->level;
    draft.placed = true;
    draft.span = asked->span;
    candidates.push_back(groups.of(id));
  }
  std::vector<Draft> result = groups.ordered();
  for (const Draft& draft : result) {
    if (!draft.placed) continue;
    notes.push_back({"placement",
                     draft.steps,
                     fmt::format("one job runs {} below {}",
                                 quoted_steps(workflow, draft.steps),
                                 quoted_directory(workflow, draft.level)),
                     draft.span});
  }
  return result;
}

}  // namespace wfc
