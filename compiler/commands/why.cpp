// wfc why: what became of a task, and whether and why it would run again.
#include "compiler/commands/command.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/queue_view.hpp"
#include "compiler/commands/run_view.hpp"
#include "compiler/commands/show.hpp"
#include "compiler/commands/subject.hpp"
#include "compiler/commands/targets.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/failures_text.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/slurm_state.hpp"
#include "runtime/run/staleness.hpp"

#include <array>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

const char* verdict_word(wfr::Verdict verdict) {
  switch (verdict) {
    case wfr::Verdict::None:
      return "not run";
    case wfr::Verdict::Done:
      return "done";
    case wfr::Verdict::Failed:
      return "failed";
    case wfr::Verdict::UpstreamFailed:
      return "blocked";
    case wfr::Verdict::Cancelled:
      return "stopped";
  }
  return "unknown";
}

// "out of memory" of a failure, in brackets.
std::string class_text(const wfr::Slot& slot) {
  if (slot.verdict != wfr::Verdict::Failed || slot.failure == wfr::FailureKind::None) return {};
  return fmt::format(" ({})", failure_name(slot.failure));
}

std::string recorded_text(const Subject& subject,
                          wfr::Task task,
                          const wfr::Slot& slot,
                          const std::optional<wfr::Record>& record) {
  if (slot.verdict == wfr::Verdict::None) return "recorded: nothing\n";
  std::string text = fmt::format("recorded: {}{} at {}, attempt {}",
                                 verdict_word(slot.verdict),
                                 class_text(slot),
                                 wfr::time_text(slot.time_ns),
                                 slot.attempt);
  if (slot.verdict == wfr::Verdict::UpstreamFailed) {
    text = fmt::format("recorded: blocked at {}\n", wfr::time_text(slot.time_ns));
    return record ? text + "    " + wfr::visible_text(wfr::reason_in(record->message)) + "\n"
                  : text;
  }
  if (!record) return text + "\n";
  constexpr std::uint64_t kMega = 1U << 20U;
  text += fmt::format(" on {}, {}, {} of cpu, {} MB",
                      wfr::visible(record->node),
                      duration_text(static_cast<double>(record->wall_ns) / 1e9),
                      duration_text(static_cast<double>(record->cpu_ns) / 1e9),
                      record->peak_memory / kMega);
  if (record->job_id > 0) text += fmt::format(", Slurm job {}", job_text(*record));
  text += "\n";
  if (slot.verdict == wfr::Verdict::Done) return text;
  text += "    " + wfr::visible_text(wfr::reason_in(record->message)) + "\n" +
          wfr::quoted_tail(record->message);
  return text + whereabouts_text(*subject.plan, task, record, subject.caller);
}

// The first task that `task` needs and that is not done.
std::optional<wfr::Task> blocker_of(wfr::Gate& gate, wfr::Task task) {
  for (const std::uint32_t edge : gate.edges_into(task.step)) {
    const wfr::ProducerState& state = gate.look(edge, task.index);
    if (state.verdict != wfr::Verdict::Done) return state.blamed;
  }
  return std::nullopt;
}

// What is recorded of the task that another waits for in the end; "" when it waits for none.
std::string blocker_text(const Subject& subject,
                         wfr::SlotStore& slots,
                         wfr::Task task,
                         const char* word) {
  wfr::Gate gate(*subject.plan, slots);
  std::optional<wfr::Task> first = blocker_of(gate, task);
  if (!first) return {};
  while (const std::optional<wfr::Task> deeper = blocker_of(gate, *first)) first = deeper;
  const wfr::Slot slot = slots.of(first->step).read(first->index);
  return std::string(word) + " " + wfr::visible(task_name(*subject.plan, *first)) + "\n" +
         recorded_text(subject, *first, slot, find_record(subject.out, subject.state, slot));
}

int why(const CompileOptions& options, const std::string& name) {
  const Subject subject = open_subject(options, "why");
  if (subject.plan == nullptr) return 1;
  const wfr::Plan& plan = *subject.plan;
  const wfr::Task task = find_task(plan, name);
  wfr::SlotStore slots(plan, subject.state, false);
  const wfr::Slot slot = slots.of(task.step).read(task.index);
  std::cout << wfr::visible(task_name(plan, task)) << "\n"
            << recorded_text(subject, task, slot, find_record(subject.out, subject.state, slot));
  if (slot.verdict == wfr::Verdict::None && subject.submitted) {
    const std::string& own = plan.step(task.step).name;
    std::cout << QueueView(subject.last)
                     .dead_text(
                         *subject.submitted,
                         [&](const std::string& step) { return step == own; },
                         subject.caller);
  }
  const wfr::Selection only = what_decides(plan, task);
  const Outlook outlook(plan, subject.out, subject.state, {&only}, subject.caller);
  const wfr::Fate fate = outlook.decision().fate(task);
  static constexpr std::array<const char*, 4> kWords = {
      "now: up to date", "now: would run", "now: blocked", "now: in Slurm's queue"};
  std::cout << kWords.at(static_cast<std::size_t>(fate)) << "\n";
  for (const std::string& reason : outlook.reasons(task)) {
    std::cout << "    " << wfr::visible_text(reason) << "\n";
  }
  std::cout << wfr::visible_text(outlook.occupied(commands_of(subject)));
  const bool blocked = fate == wfr::Fate::Blocked || slot.verdict == wfr::Verdict::UpstreamFailed;
  std::cout << blocker_text(subject, slots, task, blocked ? "blocked by" : "waits for");
  if (fate == wfr::Fate::Runs || fate == wfr::Fate::Blocked) {
    std::cout << retry_text(subject.last, subject.caller);
  }
  // Last and not indented: it can be copied as it is.
  std::cout << "command:\n" << command_text(plan, subject.out, task);
  return 0;
}

int run(const CompileOptions& options, const std::string& name) {
  try {
    return why(options, name);
  } catch (const std::invalid_argument& error) {
    std::cerr << "wfc why: error: " << wfr::visible_text(error.what()) << '\n';
    return 2;
  }
}

}  // namespace

void add_why(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("why", "explain the state of one task and why it would run");
  auto options = std::make_shared<CompileOptions>();
  auto targets = std::make_shared<std::vector<std::string>>();
  add_compile_options(*command, *options, {targets.get(), true});
  command->get_option("targets")->description(
      "the task, such as `highpass:session01/array02/channel005`");
  command->callback([options, targets, &action] {
    if (targets->size() != 1) throw CLI::ValidationError("name one task");
    action = [options, targets] { return run(*options, targets->front()); };
  });
}

}  // namespace wfc
