// One name a level, looked up among the children of the directories before.
#include "compiler/commands/targets.hpp"

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <fnmatch.h>

namespace wfc {
namespace {

using wfr::LevelId;
using wfr::Ordinal;
using wfr::Range;
using wfr::TaskIndex;

// So many names at most are compared with one that is not there.
constexpr std::size_t kMostCandidates = 2000;

[[noreturn]] void fail(const std::string& text) {
  throw std::invalid_argument(wfr::visible_text(text));
}

std::string with_hint(std::string text,
                      const std::string& word,
                      const std::vector<std::string>& candidates) {
  const std::string hint = did_you_mean(word, candidates);
  return hint.empty() ? text : std::move(text) + "; " + hint;
}

wfr::StepId step_named(const wfr::Plan& plan, const std::string& name) {
  const wfr::StepId id = plan.find_step(name);
  if (wfr::index_of(id) < plan.steps.size()) return id;
  std::vector<std::string> names;
  for (const wfr::StepSpec& step : plan.steps) names.push_back(step.name);
  const std::string text = "the workflow has no step `" + name + "`";
  std::error_code error;
  if (std::filesystem::is_regular_file(name, error)) {
    fail(text + "; the name of a workflow file ends in `.toml`");
  }
  fail(with_hint(text, name, names));
}

std::vector<LevelId> levels_down_to(const wfr::Tree& tree, LevelId level) {
  std::vector<LevelId> levels;
  for (; level != wfr::kRootLevel; level = tree.level(level).under) levels.push_back(level);
  std::reverse(levels.begin(), levels.end());
  return levels;
}

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    names.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  // `STEP:` and a slash at the end say no more than without them.
  if (names.back().empty()) names.pop_back();
  return names;
}

// The nodes of the range with that name, else those that match it as a pattern.
void add_named(const wfr::Level& level,
               Range nodes,
               const std::string& name,
               std::vector<Ordinal>& found) {
  const std::size_t before = found.size();
  for (Ordinal node = nodes.begin; node < nodes.end; ++node) {
    if (level.names.at(node) == name) found.push_back(node);
  }
  if (found.size() > before || name.find_first_of("*?[") == std::string::npos) return;
  for (Ordinal node = nodes.begin; node < nodes.end; ++node) {
    if (fnmatch(name.c_str(), std::string(level.names.at(node)).c_str(), 0) == 0) {
      found.push_back(node);
    }
  }
}

[[noreturn]] void fail_unnamed(const wfr::Level& level,
                               const std::vector<Range>& among,
                               const std::string& name) {
  std::vector<std::string> candidates;
  for (const Range& nodes : among) {
    for (Ordinal node = nodes.begin; node < nodes.end; ++node) {
      if (candidates.size() < kMostCandidates) candidates.emplace_back(level.names.at(node));
    }
  }
  fail(with_hint(fmt::format("there is no `{}` named `{}`", level.name, name), name, candidates));
}

// The directories of the step's level that the names lead to.
std::vector<Range> find_nodes(const wfr::Plan& plan,
                              const wfr::StepSpec& step,
                              const std::vector<std::string>& names) {
  const wfr::Tree& tree = plan.graph.tree;
  const std::vector<LevelId> levels = levels_down_to(tree, step.each);
  if (names.size() > levels.size()) {
    fail(levels.empty() ? fmt::format("`{0}` runs once: name it `{0}`", step.name)
                        : fmt::format("`{}` runs once per `{}`: its tasks have {} name{}, not {}",
                                      step.name,
                                      tree.level(step.each).name,
                                      levels.size(),
                                      levels.size() == 1 ? "" : "s",
                                      names.size()));
  }
  std::vector<Ordinal> nodes{0};
  LevelId above = wfr::kRootLevel;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<Ordinal> found;
    std::vector<Range> among;
    for (const Ordinal node : nodes) {
      among.push_back(tree.descendants(above, {node, node + 1}, levels[i]));
      add_named(tree.level(levels[i]), among.back(), names[i], found);
    }
    if (found.empty()) fail_unnamed(tree.level(levels[i]), among, names[i]);
    nodes = std::move(found);
    above = levels[i];
  }
  std::vector<Range> ranges;
  for (const Ordinal node : nodes) {
    ranges.push_back(tree.descendants(above, {node, node + 1}, step.each));
  }
  return ranges;
}

// The flags of a selection with counts, for questions about whole steps.
class Closure {
 public:
  explicit Closure(const wfr::Plan& plan) : plan_(plan), chosen_(plan.steps.size()) {
    missing_.resize(plan.steps.size());
    for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
      missing_[i] = plan.graph.tasks(wfr::StepId{i}).count;
    }
  }
  void add(wfr::Task task) {
    if (chosen_.contains(task)) return;
    chosen_.add(task, plan_.graph.tasks(task.step).count);
    --missing_[wfr::index_of(task.step)];
  }
  [[nodiscard]] bool has(wfr::Task task) const { return chosen_.contains(task); }
  // Nothing more can be chosen of it: a step that many others need as a whole.
  [[nodiscard]] bool full(wfr::StepId step) const { return missing_[wfr::index_of(step)] == 0; }

  void add_producers(wfr::Task task) {
    for (const wfr::Edge& edge : plan_.graph.edges) {
      if (edge.to != task.step || full(edge.from)) continue;
      for (const TaskIndex one : producers(plan_.graph, edge, task.index)) add({edge.from, one});
    }
  }
  wfr::Selection take() { return std::move(chosen_); }

 private:
  const wfr::Plan& plan_;
  wfr::Selection chosen_;
  std::vector<std::uint32_t> missing_;  // by StepId
};

}  // namespace

std::uint64_t FoundTasks::count() const {
  std::uint64_t sum = 0;
  for (const Range& range : tasks) sum += range.size();
  return sum;
}

FoundTasks find_tasks(const wfr::Plan& plan, const std::string& target) {
  const std::size_t colon = std::min(target.find(':'), target.size());
  FoundTasks found;
  found.step = step_named(plan, target.substr(0, colon));
  const wfr::InstanceSet& set = plan.graph.tasks(found.step);
  const std::string names = target.substr(std::min(colon + 1, target.size()));
  for (const Range& nodes : find_nodes(plan, plan.step(found.step), names_of(names))) {
    const Range tasks = set.tasks_in(nodes);
    if (!tasks.empty()) found.tasks.push_back(tasks);
  }
  wfr::join_ranges(found.tasks);
  // A step may have no tasks at all; then there is nothing wrong with its name.
  if (found.tasks.empty() && set.count > 0) {
    fail(fmt::format("`{}` has no task for `{}`", plan.step(found.step).name, names));
  }
  return found;
}

wfr::Task find_task(const wfr::Plan& plan, const std::string& target) {
  const FoundTasks found = find_tasks(plan, target);
  if (found.count() == 0) fail("`" + plan.step(found.step).name + "` has no tasks");
  const wfr::Task first{found.step, found.tasks.front().begin};
  if (found.count() == 1) return first;
  fail(fmt::format("name one task, such as `{}` (`{}` means {} tasks)",
                   wfr::task_name(plan, first),
                   target,
                   found.count()));
}

FoundTasks find_ordinary_tasks(const wfr::Plan& plan, const std::string& target) {
  FoundTasks found = find_tasks(plan, target);
  const wfr::StepSpec& step = plan.step(found.step);
  if (step.finalizer != wfr::FinalizerKind::None) {
    fail("`" + step.name + "` is a finalizer: it runs when the whole workflow has ended");
  }
  return found;
}

wfr::Selection select_tasks(const wfr::Plan& plan, const std::vector<std::string>& targets) {
  wfr::Selection chosen(plan.steps.size());
  for (const wfr::StepId id : plan.order) {
    if (!targets.empty() || plan.step(id).finalizer != wfr::FinalizerKind::None) continue;
    chosen.add_all(id, plan.graph.tasks(id).count);
  }
  for (const std::string& target : targets) {
    const FoundTasks found = find_ordinary_tasks(plan, target);
    for (const Range& range : found.tasks) {
      for (TaskIndex i = range.begin; i < range.end; ++i) {
        chosen.add({found.step, i}, plan.graph.tasks(found.step).count);
      }
    }
  }
  return chosen;
}

wfr::Selection with_needs(const wfr::Plan& plan, const wfr::Selection& tasks) {
  Closure closure(plan);
  for (auto id = plan.order.rbegin(); id != plan.order.rend(); ++id) {
    const std::uint32_t count = plan.graph.tasks(*id).count;
    for (TaskIndex i = 0; tasks.has(*id) && i < count; ++i) {
      if (tasks.contains({*id, i})) closure.add({*id, i});
    }
    // Of a step that needs itself, those that others wait for come last here.
    std::vector<TaskIndex> order = own_order(plan.graph, *id);
    std::reverse(order.begin(), order.end());
    const auto add_producers = [&](TaskIndex i) {
      if (closure.has({*id, i})) closure.add_producers({*id, i});
    };
    for (const TaskIndex i : order) add_producers(i);
    for (TaskIndex i = 0; order.empty() && i < count; ++i) add_producers(i);
  }
  return closure.take();
}

}  // namespace wfc
