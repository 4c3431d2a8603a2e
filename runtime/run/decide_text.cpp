// Decisions in numbers and in words.
#include "runtime/plan/visible.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/occupied.hpp"
#include "runtime/run/staleness.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr {
namespace {

// Of the tasks that one waits for, the first that `choose` likes; with `read` of those that it
// reads.
template <class Choose>
Task first_before(const Plan& plan, Task task, bool read, const Choose& choose) {
  for (const Edge& edge : plan.graph.edges) {
    if (edge.to != task.step || (read && edge.kind != EdgeKind::Data)) continue;
    for (const TaskIndex one : producers(plan.graph, edge, task.index)) {
      if (choose(Task{edge.from, one})) return {edge.from, one};
    }
  }
  return {StepId{kNone}, 0};
}

}  // namespace

std::uint64_t StepDecision::of(Fate fate) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCauses; ++i) {
    if (fate_of(static_cast<Cause>(i)) == fate) sum += counts[i];
  }
  return fate == Fate::UpToDate ? sum - of(Cause::NotChosen) : sum;
}

std::uint64_t StepDecision::stale() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCauses; ++i) {
    if (is_stale(static_cast<Cause>(i))) sum += counts[i];
  }
  return sum;
}

std::uint64_t Decision::of(Fate fate) const {
  std::uint64_t sum = 0;
  for (const StepDecision& step : steps) sum += step.of(fate);
  return sum;
}

std::uint64_t Decision::of(Cause cause) const {
  std::uint64_t sum = 0;
  for (const StepDecision& step : steps) sum += step.of(cause);
  return sum;
}

std::vector<std::string> reasons_of(const Plan& plan,
                                    const std::filesystem::path& out_dir,
                                    const StatePaths& state,
                                    const Decision& decision,
                                    Task task) {
  const Cause cause = decision.cause(task);
  if (cause == Cause::InQueue) return {"a job in Slurm's queue will run it"};
  if (cause == Cause::WantedByReader) {
    return {"its outputs are temporary, and a task that reads them runs"};
  }
  if (cause == Cause::Forced) return {"it is asked for, although it may be up to date"};
  if (cause == Cause::Current && decision.trusted) return {"it is recorded as done"};
  if (cause == Cause::BlockedByProducer) {
    const Task blamed =
        first_before(plan, task, false, [&](Task one) { return is_blocked(decision.cause(one)); });
    if (blamed.step != StepId{kNone})
      return {"`" + visible(task_name(plan, blamed)) + "` is blocked"};
  }
  const Task before = first_before(plan, task, true, [&](Task one) {
    const Cause its = decision.cause(one);
    return changes_results(its) || only_times(its);
  });
  if (before.step != StepId{kNone} && cause != Cause::Failed && cause != Cause::Stopped) {
    const std::string name = "`" + plan.step(before.step).name + "`";
    if (fate_of(decision.cause(before)) == Fate::Live) return {name + " is in Slurm's queue"};
    return {name + " runs before it"};
  }
  return Staleness(plan, out_dir, state).look(task).reasons;
}

std::string blocked_text(const Plan& plan,
                         const std::filesystem::path& out_dir,
                         const StatePaths& state,
                         const Decision& decision) {
  const std::uint64_t blocked = decision.of(Fate::Blocked);
  if (blocked == 0) return {};
  Task first{StepId{kNone}, 0};
  for (const StepId id : plan.order) {
    const std::vector<Cause>& causes = decision.steps[index_of(id)].causes;
    const auto found = std::find_if(causes.begin(), causes.end(), is_blocked);
    if (found == causes.end() || first.step != StepId{kNone}) continue;
    first = {id, static_cast<TaskIndex>(found - causes.begin())};
  }
  return fmt::format("{} task{} blocked: {}: {}\n",
                     blocked,
                     blocked == 1 ? " is" : "s are",
                     visible(task_name(plan, first)),
                     reasons_of(plan, out_dir, state, decision, first).front());
}

std::string times_text(const Decision& decision, const std::string& accept) {
  const std::uint64_t count = decision.of(Cause::Times) + decision.of(Cause::ProducerTimes);
  if (count == 0) return {};
  return fmt::format("{} task{} only in the times of their files{}{}\n",
                     count,
                     count == 1 ? " differs" : "s differ",
                     accept.empty() ? "" : "; to accept them as they are: ",
                     accept);
}

std::string decision_json(const Plan& plan, const Decision& decision, const Occupied* occupied) {
  using nlohmann::ordered_json;
  static constexpr std::array<const char*, 4> kNames = {"up_to_date", "runs", "blocked", "live"};
  ordered_json json{{"trusted", decision.trusted}, {"steps", ordered_json::array()}};
  for (std::size_t fate = 1; fate < kNames.size(); ++fate) {
    json[kNames[fate]] = ordered_json::array();
  }
  for (const StepId id : plan.order) {
    const StepDecision& step = decision.steps[index_of(id)];
    if (step.causes.empty()) continue;
    ordered_json counts{{"step", plan.step(id).name}, {"tasks", step.total()}};
    for (std::size_t fate = 0; fate < kNames.size(); ++fate) {
      counts[kNames[fate]] = step.of(static_cast<Fate>(fate));
    }
    counts["stale"] = step.stale();
    json["steps"].push_back(std::move(counts));
    for (TaskIndex i = 0; i < step.causes.size(); ++i) {
      const Fate fate = fate_of(step.causes[i]);
      if (fate == Fate::UpToDate) continue;
      json[kNames[static_cast<std::size_t>(fate)]].push_back(task_name(plan, {id, i}));
    }
  }
  if (occupied != nullptr) {
    json["occupied"] = ordered_json::array();
    for (const OccupiedPlace& place : occupied->places) {
      json["occupied"].push_back({{"task", task_name(plan, place.task)},
                                  {"output", place.output},
                                  {"files", place.foreign}});
    }
  }
  // Names of directories may hold any bytes.
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Selection what_decides(const Plan& plan, Task task) {
  Selection chosen(plan.steps.size());
  chosen.add(task, plan.graph.tasks(task.step).count);
  std::vector<Task> open{task};
  const auto also = [&](StepId step, const TaskList& tasks) {
    for (const TaskIndex one : tasks) {
      if (chosen.contains({step, one})) continue;
      chosen.add({step, one}, plan.graph.tasks(step).count);
      open.push_back({step, one});
    }
  };
  while (!open.empty()) {
    const Task next = open.back();
    open.pop_back();
    for (const Edge& edge : plan.graph.edges) {
      if (edge.to == next.step) also(edge.from, producers(plan.graph, edge, next.index));
      // Whose outputs are not kept runs for its readers.
      const bool reader = edge.from == next.step && edge.kind == EdgeKind::Data;
      if (reader && plan.step(next.step).in_scratch) {
        also(edge.to, consumers(plan.graph, edge, next.index));
      }
    }
  }
  return chosen;
}

}  // namespace wfr
