// Selections by step, and a run without running.
#include "compiler/commands/run_select.hpp"

#include "compiler/diagnostics/diagnostic.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

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

// Running sums of tasks that would run, so that a gather asks about its range at once.
class Runs {
 public:
  explicit Runs(const wfr::Plan& plan) : sums_(plan.steps.size()) {}
  void set(wfr::StepId step, const std::vector<bool>& runs) {
    std::vector<std::uint32_t>& sums = sums_[wfr::index_of(step)];
    sums.assign(runs.size() + 1, 0);
    for (std::uint32_t i = 0; i < runs.size(); ++i) sums[i + 1] = sums[i] + (runs[i] ? 1 : 0);
  }
  [[nodiscard]] bool any(wfr::StepId step, const wfr::TaskList& tasks) const {
    const std::vector<std::uint32_t>& sums = sums_[wfr::index_of(step)];
    for (std::uint32_t i = 0; !sums.empty() && i < tasks.size();) {
      const wfr::Range run = tasks.run_at(i);
      if (sums[run.end] != sums[run.begin]) return true;
      i += run.size();
    }
    return false;
  }

 private:
  std::vector<std::vector<std::uint32_t>> sums_;
};

// Intermediate files that are not kept are made for whoever reads them.
void add_scratch_makers(const wfr::Plan& plan,
                        const TaskRanges& tasks,
                        Runs& runs,
                        std::vector<StepOutlook>& outlooks) {
  for (std::size_t s = tasks.size(); s-- > 0;) {
    const auto& [step, range] = tasks[s];
    if (!plan.step(step).in_scratch) continue;
    std::vector<bool> will(plan.graph.tasks(step).count);
    StepOutlook& outlook = outlooks[s];
    for (wfr::TaskIndex i = range.begin; i < range.end; ++i) {
      const bool before = runs.any(step, wfr::TaskList(wfr::Range{i, i + 1}));
      bool read = false;
      for (const wfr::Edge& edge : plan.graph.edges) {
        read = read || (edge.from == step && edge.kind == wfr::EdgeKind::Data &&
                        runs.any(edge.to, wfr::consumers(plan.graph, edge, i)));
      }
      will[i] = before || read;
      if (before || !read) continue;
      ++outlook.runs;
      if (outlook.example.empty()) {
        outlook.example = task_name(plan, {step, i}) +
                          ": its outputs are not kept, and a task that reads them runs";
      }
    }
    runs.set(step, will);
  }
}

// Whether one of the producers runs before: of its own step, as far as that has been looked at.
bool runs_before(const wfr::Plan& plan,
                 const wfr::Edge& edge,
                 wfr::TaskIndex task,
                 const Runs& runs,
                 const std::vector<bool>& own) {
  const wfr::TaskList needed = wfr::producers(plan.graph, edge, task);
  if (edge.from != edge.to) return runs.any(edge.from, needed);
  return std::any_of(needed.begin(), needed.end(), [&](wfr::TaskIndex one) { return own[one]; });
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

std::vector<StepOutlook> dry_run(const wfr::Plan& plan,
                                 const TaskRanges& tasks,
                                 wfr::Staleness& staleness) {
  std::vector<StepOutlook> outlooks;
  Runs runs(plan);
  for (const auto& [step, range] : tasks) {
    StepOutlook outlook;
    outlook.step = step;
    outlook.total = range.size();
    std::vector<bool> will(plan.graph.tasks(step).count);
    wfr::for_each_in_order(plan.graph, step, [&, step = step, range = range](wfr::TaskIndex i) {
      if (!range.contains(i)) return;
      const wfr::Task task{step, i};
      std::string reason;
      for (const std::uint32_t e : staleness.gate().edges_into(step)) {
        const wfr::Edge& edge = plan.graph.edges[e];
        if (!runs_before(plan, edge, i, runs, will)) continue;
        reason = "`" + plan.step(edge.from).name + "` runs before it";
        break;
      }
      wfr::Fate fate = wfr::Fate::Runs;
      if (reason.empty()) {
        const wfr::TaskOutlook look = staleness.look(task);
        fate = look.fate;
        reason = look.reasons.front();
      }
      if (fate == wfr::Fate::UpToDate) return;
      will[i] = fate == wfr::Fate::Runs;
      ++(fate == wfr::Fate::Runs ? outlook.runs : outlook.blocked);
      if (outlook.example.empty()) outlook.example = task_name(plan, task) + ": " + reason;
    });
    runs.set(step, will);
    outlooks.push_back(std::move(outlook));
  }
  add_scratch_makers(plan, tasks, runs, outlooks);
  return outlooks;
}

std::string dry_run_text(const wfr::Plan& plan, const std::vector<StepOutlook>& outlook) {
  std::string text;
  std::uint64_t total = 0;
  for (const StepOutlook& step : outlook) {
    total += step.runs;
    text += fmt::format(
        "{}: {} of {} tasks would run", plan.step(step.step).name, step.runs, step.total);
    if (step.blocked > 0) text += fmt::format(", {} cannot", step.blocked);
    text += "\n";
    if (!step.example.empty()) text += "    " + step.example + "\n";
  }
  return text + fmt::format("{} tasks would run\n", total);
}

}  // namespace wfc
