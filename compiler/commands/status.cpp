// wfc status: how far every step is, from the records and a look at the files; then what Slurm
// says.
#include "compiler/commands/command.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/queue_view.hpp"
#include "compiler/commands/subject.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/failures_text.hpp"
#include "runtime/run/finalizers_text.hpp"
#include "runtime/run/verdict.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kBarWidth = 24;

struct StatusOptions {
  CompileOptions compile;
  bool json = false;
  bool trust_records = false;
};

// What the records call done, without what would run now or cannot be relied on any more.
std::uint64_t still_done(const wfr::StepDecision& step) {
  return step.of(wfr::Fate::UpToDate) + step.of(wfr::Cause::WantedByReader);
}

// '#' done, 'x' failed, stopped or blocked, '.' to come. A part that is not zero shows.
std::string bar(const wfr::StepVerdict& step, std::uint64_t done) {
  if (step.total == 0) return std::string(kBarWidth, ' ');
  const auto part = [&](std::uint64_t count) {
    const auto width = static_cast<std::size_t>(count * kBarWidth / step.total);
    return count > 0 && width == 0 ? 1 : width;
  };
  const std::size_t bad = part(step.failed + step.cancelled + step.upstream_failed - step.waiting);
  const std::size_t good = std::min(part(done), kBarWidth - bad);
  return std::string(good, '#') + std::string(bad, 'x') + std::string(kBarWidth - good - bad, '.');
}

std::string steps_text(const wfr::Plan& plan,
                       const wfr::PlanVerdict& verdict,
                       const wfr::Decision& decision) {
  std::size_t width = 4;
  for (const auto& step : verdict.steps) width = std::max(width, plan.step(step.step).name.size());
  std::string text;
  for (const wfr::StepVerdict& step : verdict.steps) {
    const wfr::StepDecision& now = decision.steps[wfr::index_of(step.step)];
    const std::uint64_t done = still_done(now);
    text += fmt::format(
        "{:<{}}  [{}]  {}/{}", plan.step(step.step).name, width, bar(step, done), done, step.total);
    const std::uint64_t stale = now.stale();
    if (stale > 0) text += fmt::format(", {} stale", stale);
    if (step.failed > 0) text += fmt::format(", {} failed", step.failed);
    if (step.cancelled > 0) text += fmt::format(", {} stopped", step.cancelled);
    // Recorded as done and blocked: what it reads is gone, or cannot be made again.
    const std::uint64_t gone = step.done > done + stale ? step.done - done - stale : 0;
    const std::uint64_t blocked = step.upstream_failed - step.waiting + gone;
    if (blocked > 0) text += fmt::format(", {} blocked", blocked);
    text += "\n";
  }
  return text;
}

// Jobs that have ended before a task could start in them, of steps with tasks that nothing stands
// in the way of.
std::string dead_text(const Subject& subject, const wfr::PlanVerdict& verdict, QueueView& queue) {
  if (!subject.submitted) return {};
  std::set<std::string> open;
  for (const wfr::StepVerdict& step : verdict.steps) {
    if (step.not_run > 0) open.insert(subject.plan->step(step.step).name);
  }
  return queue.dead_text(
      *subject.submitted,
      [&](const std::string& step) { return open.contains(step); },
      subject.caller);
}

int status(const StatusOptions& options) {
  const Subject subject = open_subject(options.compile, "status");
  if (subject.plan == nullptr) return 1;
  const wfr::Plan& plan = *subject.plan;
  const Outlook outlook(
      plan, subject.out, subject.state, {nullptr, options.trust_records}, subject.caller);
  if (options.json) {
    std::cout << outlook.json();
    return 0;
  }
  const wfr::PlanVerdict verdict = derive_verdict(
      plan, subject.state, wfr::kMostFailuresRead, wfr::Selection(plan.steps.size()));
  std::cout << steps_text(plan, verdict, outlook.decision()) << no_tasks_text(plan)
            << failures_text(plan, verdict, subject.state, subject.caller)
            << finalizers_text(plan, subject.state, subject.caller)
            << wfr::visible_text(outlook.notes(commands_of(subject))) << std::flush;
  QueueView queue(subject.last);
  const std::string dead = dead_text(subject, verdict, queue);
  std::cout << queue.queue_text(subject.caller) << dead;
  if (!verdict.failures.empty() || !dead.empty()) {
    std::cout << retry_text(subject.last, subject.caller);
  }
  return 0;
}

}  // namespace

void add_status(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("status", "show the progress of a workflow");
  auto options = std::make_shared<StatusOptions>();
  add_compile_options(*command, options->compile, {nullptr, true});
  command->add_flag("--json", options->json, "print what would run as JSON, for tools");
  add_trust_option(*command, options->trust_records);
  command->callback([options, &action] { action = [options] { return status(*options); }; });
}

}  // namespace wfc
