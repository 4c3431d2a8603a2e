// One decision as text and as JSON.
#include "compiler/commands/outlook.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/live_tasks.hpp"
#include "runtime/run/look_progress.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

wfr::Decision decide_with_progress(const wfr::Plan& plan,
                                   const std::filesystem::path& out,
                                   const wfr::StatePaths& state,
                                   wfr::DecideOptions options) {
  options.on_progress = wfr::look_progress();
  const wfr::Selection live = wfr::live_tasks(plan, out, [](const std::string& text) {
    std::cerr << "warning: " << wfr::visible_text(text) << '\n';
  });
  if (live.size() > 0) options.live = [&live](wfr::Task task) { return live.contains(task); };
  return wfr::decide(plan, out, state, options);
}

const char* tasks_word(std::uint64_t count) {
  return count == 1 ? "task" : "tasks";
}

}  // namespace

Outlook::Outlook(const wfr::Plan& plan,
                 std::filesystem::path out,
                 wfr::StatePaths state,
                 const wfr::DecideOptions& options,
                 wfr::Caller caller)
    : plan_(plan),
      out_(std::move(out)),
      state_(std::move(state)),
      caller_(std::move(caller)),
      decision_(decide_with_progress(plan, out_, state_, options)) {
  if (!decision_.trusted) occupied_ = wfr::find_occupied(plan_, out_, state_, decision_);
}

std::vector<std::string> Outlook::reasons(wfr::Task task) const {
  return wfr::reasons_of(plan_, out_, state_, decision_, task);
}

std::string Outlook::text(const wfr::OccupiedCommands& commands) const {
  if (const std::string none = no_tasks_text(plan_); !none.empty()) {
    return none + owed_finalizers_text();
  }
  std::string text;
  for (const wfr::StepId id : plan_.order) {
    const wfr::StepDecision& step = decision_.steps[wfr::index_of(id)];
    if (step.causes.empty()) continue;
    text += fmt::format("{}: {} of {} {} would run",
                        plan_.step(id).name,
                        step.of(wfr::Fate::Runs),
                        step.total(),
                        tasks_word(step.total()));
    if (const auto count = step.of(wfr::Fate::Blocked)) text += fmt::format(", {} cannot", count);
    if (const auto count = step.of(wfr::Fate::Live))
      text += fmt::format(", {} in the queue", count);
    text += "\n";
    if (step.example == wfr::kNone) continue;
    const wfr::Task example{id, step.example};
    text += fmt::format("    {}: {}\n",
                        wfr::visible(task_name(plan_, example)),
                        wfr::visible_text(reasons(example).front()));
  }
  const std::uint64_t runs = decision_.of(wfr::Fate::Runs);
  return text + fmt::format("{} {} would run\n", runs, tasks_word(runs)) + notes(commands);
}

// Without tasks all is well: those run that run then, until they have.
std::string Outlook::owed_finalizers_text() const {
  wfr::SlotStore slots(plan_, state_, false);
  std::string names;
  for (const wfr::StepId id : plan_.order) {
    const wfr::FinalizerKind kind = plan_.step(id).finalizer;
    const bool fits = kind == wfr::FinalizerKind::Success || kind == wfr::FinalizerKind::Always;
    if (!fits || slots.of(id).read(0).verdict == wfr::Verdict::Done) continue;
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", plan_.step(id).name);
  }
  return names.empty() ? "" : "finalizers that would run: " + names + "\n";
}

std::string Outlook::notes(const wfr::OccupiedCommands& commands) const {
  // Of an out directory the workflow file is not known.
  const std::string accept =
      caller_.workflow.empty() ? "" : propose(wfr::Proposal::TouchTimes, caller_);
  std::string text =
      wfr::blocked_text(plan_, out_, state_, decision_) + wfr::times_text(decision_, accept);
  if (decision_.trusted) return text + "changed inputs and outputs were not checked\n";
  return text + occupied(commands);
}

std::string Outlook::occupied(const wfr::OccupiedCommands& commands) const {
  if (!is_occupied()) return {};
  return wfr::occupied_text(plan_, *occupied_, commands) + "\n";
}

std::string Outlook::json() const {
  return wfr::decision_json(plan_, decision_, occupied_ ? &*occupied_ : nullptr);
}

wfr::OccupiedCommands commands_for_run(const wfr::Caller& caller,
                                       const std::vector<std::string>& targets) {
  std::string words;
  for (const std::string& target : targets) words += " " + wfr::shell_quote(target);
  return {propose(wfr::Proposal::Touch, caller) + words,
          propose(wfr::Proposal::SetAside, caller) + words,
          propose(wfr::Proposal::Replace, caller) + words};
}

wfr::OccupiedCommands commands_for_submit(const wfr::Caller& caller) {
  const bool there = std::filesystem::exists(caller.out / "submit.sh");
  const std::string first = there ? "" : propose(wfr::Proposal::Compile, caller) + " && ";
  return {propose(wfr::Proposal::Touch, caller),
          first + propose(wfr::Proposal::SubmitSetAside, caller),
          first + propose(wfr::Proposal::SubmitReplace, caller)};
}

std::string no_tasks_text(const wfr::Plan& plan) {
  if (plan.order.empty()) return "nothing to do: `when` leaves out every step\n";
  const bool tasks = std::any_of(plan.order.begin(), plan.order.end(), [&](wfr::StepId id) {
    return plan.step(id).finalizer == wfr::FinalizerKind::None;
  });
  return tasks ? "" : "no tasks: every step is a finalizer\n";
}

CLI::Option* add_trust_option(CLI::App& command, bool& trust) {
  return command.add_flag(
      "--trust-records", trust, "trust the records: do not check inputs and outputs for changes");
}

}  // namespace wfc
