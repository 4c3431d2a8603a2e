// Selections by step.
#include "compiler/commands/run_select.hpp"

#include "compiler/diagnostics/diagnostic.hpp"

#include <stdexcept>

namespace wfc {
namespace {

wfr::StepId step_named(const wfr::Plan& plan, const std::string& name) {
  const wfr::StepId id = plan.find_step(name);
  if (wfr::index_of(id) < plan.steps.size()) return id;
  std::vector<std::string> names;
  for (const wfr::StepSpec& step : plan.steps) names.push_back(step.name);
  const std::string hint = did_you_mean(name, names);
  throw std::invalid_argument("the workflow has no step `" + name + "`" +
                              (hint.empty() ? "" : ": " + hint));
}

}  // namespace

TaskRanges select_tasks(const wfr::Plan& plan,
                        const std::vector<std::string>& steps,
                        const std::string& to) {
  std::vector<bool> chosen(plan.steps.size(), steps.empty() && to.empty());
  for (const std::string& name : steps) chosen[wfr::index_of(step_named(plan, name))] = true;
  if (!to.empty()) chosen[wfr::index_of(step_named(plan, to))] = true;
  // Against the topological order, so that one pass finds everything above.
  for (auto it = plan.order.rbegin(); !to.empty() && it != plan.order.rend(); ++it) {
    if (!chosen[wfr::index_of(*it)]) continue;
    for (const wfr::Edge& edge : plan.graph.edges) {
      if (edge.to == *it) chosen[wfr::index_of(edge.from)] = true;
    }
  }
  // Whose outputs are there only while somebody reads them: made again if a chosen task runs.
  for (auto it = plan.order.rbegin(); it != plan.order.rend(); ++it) {
    if (!chosen[wfr::index_of(*it)]) continue;
    for (const wfr::Edge& edge : plan.graph.edges) {
      const bool read = edge.to == *it && edge.kind == wfr::EdgeKind::Data;
      if (read && plan.step(edge.from).in_scratch) chosen[wfr::index_of(edge.from)] = true;
    }
  }
  TaskRanges tasks;
  for (const wfr::StepId id : plan.order) {
    if (!chosen[wfr::index_of(id)] || plan.step(id).finalizer != wfr::FinalizerKind::None) continue;
    tasks.emplace_back(id, wfr::Range{0, plan.graph.tasks(id).count});
  }
  return tasks;
}

wfr::Selection selection_of(const wfr::Plan& plan, const TaskRanges& tasks) {
  wfr::Selection selection(plan.steps.size());
  for (const auto& [step, range] : tasks) selection.add_all(step, range.size());
  return selection;
}

}  // namespace wfc
