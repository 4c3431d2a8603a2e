// wfc status: how far every step is, from the records; then one question to Slurm.
#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/staleness.hpp"
#include "runtime/run/verdict.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kShownFailures = 5;

struct StatusOptions {
  CompileOptions compile;
  bool json = false;
  bool trust_records = false;
};

// What the records call done, without what would run now or cannot be relied on any more.
std::uint64_t still_done(const wfr::StepDecision& step) {
  return step.of(wfr::Fate::UpToDate) + step.of(wfr::Cause::WantedByReader);
}

// '#' done, 'x' failed or held back, '.' to come. A part that is not zero shows.
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
    if (step.failed + step.cancelled > 0)
      text += fmt::format(", {} failed", step.failed + step.cancelled);
    // Recorded as done and blocked: what it reads is gone, or cannot be made again.
    const std::uint64_t gone = step.done > done + stale ? step.done - done - stale : 0;
    const std::uint64_t held = step.upstream_failed - step.waiting + gone;
    if (held > 0) text += fmt::format(", {} held back", held);
    text += "\n";
  }
  return text;
}

std::string failures_text(const wfr::Plan& plan,
                          const wfr::PlanVerdict& verdict,
                          const fs::path& out,
                          const wfr::StatePaths& state) {
  std::string text;
  for (std::size_t i = 0; i < std::min(verdict.failures.size(), kShownFailures); ++i) {
    const wfr::FailedSlot& failed = verdict.failures[i];
    const std::optional<wfr::Record> record = find_record(out, state, failed.slot);
    const std::string reason = record ? record->message : failure_name(failed.slot.failure);
    text +=
        fmt::format("{}: {}\n", task_name(plan, failed.task), reason.substr(0, reason.find('\n')));
  }
  if (verdict.failures.size() > kShownFailures) {
    text += fmt::format("and {} more\n", verdict.failures.size() - kShownFailures);
  }
  return text;
}

// One squeue for all jobs of the last submission: counts by state.
std::string queue_text(const wfr::StatePaths& state) {
  const std::vector<wfr::JournalRun> runs = wfr::read_journal(state.journal());
  if (runs.empty()) return {};
  std::string ids;
  for (const wfr::JournalRun& run : runs) {
    for (const wfr::JournalJob& job : run.jobs) {
      if (job.id != 0) ids += (ids.empty() ? "" : ",") + std::to_string(job.id);
    }
  }
  if (ids.empty()) return {};
  const std::optional<std::string> lines =
      wfr::capture({"squeue", "--noheader", "--array", "--format=%T", "--jobs=" + ids});
  // An id that Slurm has forgotten is an error of squeue; nothing of it is in the queue then.
  if (!lines) return "in Slurm's queue: nothing\n";
  std::map<std::string, std::size_t> counts;
  for (std::size_t begin = 0; begin < lines->size();) {
    const std::size_t end = std::min(lines->find('\n', begin), lines->size());
    if (end > begin) ++counts[lines->substr(begin, end - begin)];
    begin = end + 1;
  }
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return "in Slurm's queue: " + (text.empty() ? "nothing" : text) + "\n";
}

constexpr std::size_t kMostFailures = 1000;

// Of the plan with what is recorded in `state`, below `out`, and the queue of `journal`.
void print_status(const wfr::Plan& plan,
                  const fs::path& out,
                  const wfr::StatePaths& state,
                  const wfr::StatePaths& journal,
                  const StatusOptions& options) {
  const Outlook outlook(plan, out, state, {nullptr, options.trust_records});
  if (options.json) {
    std::cout << outlook.json();
    return;
  }
  const wfr::PlanVerdict verdict = derive_verdict(plan, state, kMostFailures);
  std::cout << steps_text(plan, verdict, outlook.decision())
            << failures_text(plan, verdict, out, state) << outlook.notes() << queue_text(journal);
}

// The plan that was last run or submitted, as it was.
int status_of_last(const StatusOptions& options) {
  const fs::path& given = options.compile.out;
  const fs::path out = fs::absolute(given).lexically_normal();
  const std::string last = wfr::read_last(out);
  if (last.empty()) {
    std::cerr << "wfc status: error: nothing was run or submitted from `" << given.string()
              << "`\n";
    return 1;
  }
  const wfr::Plan plan = wfr::map_plan(out / "plan" / last / "plan.wfp", last);
  const wfr::StatePaths state = wfr::state_paths(out, last);
  print_status(plan, out, state, state, options);
  return 0;
}

// The workflow as the file and the directories are now.
int status_of_file(const StatusOptions& options) {
  Sink sink;
  const std::optional<Compiled> compiled = compile(options.compile, true, sink);
  if (finish(sink) != 0 || !compiled) return 1;
  const fs::path out = fs::absolute(options.compile.out).lexically_normal();
  const StateView state(compiled->plan, out);
  const wfr::StatePaths last = wfr::state_paths(out, wfr::read_last(out));
  print_status(compiled->plan, out, state.paths(), last, options);
  return 0;
}

}  // namespace

void add_status(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("status", "show how far a workflow is");
  auto options = std::make_shared<StatusOptions>();
  add_compile_options(*command, options->compile);
  command->add_flag("--json", options->json, "print what would run as JSON, for tools");
  add_trust_option(*command, options->trust_records);
  command->get_option("workflow")
      ->required(false)
      ->description("the workflow file; without it, the plan that was last run or submitted");
  command->callback([options, &action] {
    action = [options] {
      return options->compile.workflow.empty() ? status_of_last(*options)
                                               : status_of_file(*options);
    };
  });
}

}  // namespace wfc
