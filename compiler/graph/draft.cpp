// The families before any pass, and how notes name steps and directories.
#include "compiler/graph/draft.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {

std::vector<Draft> one_draft_a_step(const Workflow& workflow, const wfr::TaskGraph& graph) {
  std::vector<Draft> drafts;
  for (const StepId id : workflow.order) {
    const StepDef& step = workflow.step(id);
    if (step.dropped || step.spec.finalizer != wfr::FinalizerKind::None) continue;
    if (graph.tasks(id).count == 0) continue;
    Draft draft;
    draft.steps = {id};
    draft.level = step.spec.each;
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

std::string quoted_steps(const Workflow& workflow, const std::vector<StepId>& steps) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(steps.size(), kMost); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", workflow.step(steps[i]).spec.name);
  }
  return steps.size() > kMost ? text + ", ..." : text;
}

std::string quoted_directory(const Workflow& workflow, LevelId level) {
  if (level == wfr::kRootLevel) return "the root";
  return fmt::format("one `{}` directory", workflow.level(level).name);
}

}  // namespace wfc
