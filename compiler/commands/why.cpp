// wfc why: what became of a task, and whether and why it would run again.
#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/run_view.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/find_task.hpp"
#include "runtime/run/staleness.hpp"

#include <array>
#include <ctime>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

std::string time_text(std::int64_t time_ns) {
  const auto seconds = static_cast<std::time_t>(time_ns / 1'000'000'000);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

const char* verdict_word(wfr::Verdict verdict) {
  switch (verdict) {
    case wfr::Verdict::None:
      return "not run";
    case wfr::Verdict::Done:
      return "done";
    case wfr::Verdict::Failed:
      return "failed";
    case wfr::Verdict::UpstreamFailed:
      return "held back";
    case wfr::Verdict::Cancelled:
      return "stopped";
  }
  return "unknown";
}

std::string recorded_text(const wfr::Slot& slot, const std::optional<wfr::Record>& record) {
  if (slot.verdict == wfr::Verdict::None) return "recorded: nothing\n";
  std::string text = fmt::format("recorded: {} at {}, attempt {}",
                                 verdict_word(slot.verdict),
                                 time_text(slot.time_ns),
                                 slot.attempt);
  if (!record) return text + "\n";
  constexpr std::uint64_t kMega = 1U << 20U;
  text += fmt::format(" on {}, {}, {} of cpu, {} MB",
                      record->node,
                      duration_text(static_cast<double>(record->wall_ns) / 1e9),
                      duration_text(static_cast<double>(record->cpu_ns) / 1e9),
                      record->peak_memory / kMega);
  if (record->job_id > 0) text += fmt::format(", Slurm job {}", record->job_id);
  text += "\n";
  if (slot.verdict == wfr::Verdict::Done) return text;
  std::string line;
  for (const char c : record->message + "\n") {
    if (c != '\n') {
      line += c;
    } else if (!line.empty()) {
      text += "    | " + line + "\n";
      line.clear();
    }
  }
  return text;
}

int why(const CompileOptions& options, const std::string& name) {
  Sink sink;
  const std::optional<Compiled> compiled = compile(options, true, sink);
  if (finish(sink) != 0 || !compiled) return 1;
  const wfr::Plan& plan = compiled->plan;
  const wfr::FoundTask found = find_task(plan, name);
  if (!found.found) {
    std::cerr << "wfc why: error: " << found.error << '\n';
    return 2;
  }
  const fs::path out = fs::absolute(options.out).lexically_normal();
  const wfr::Selection only = what_decides(plan, found.task);
  const StateView state(plan, out);
  const Outlook outlook(plan, out, state.paths(), {&only});
  const wfr::StepSpec& step = plan.step(found.task.step);
  const std::uint32_t count = plan.graph.tasks(found.task.step).count;
  const wfr::Slot slot =
      wfr::SlotFile(state.paths().slots(step), count, false).read(found.task.index);
  std::cout << task_name(plan, found.task) << "\n"
            << recorded_text(slot, find_record(out, state.paths(), slot));
  static constexpr std::array<const char*, 4> kWords = {
      "now: up to date", "now: would run", "now: cannot run", "now: in Slurm's queue"};
  std::cout << kWords.at(static_cast<std::size_t>(outlook.decision().fate(found.task))) << "\n";
  for (const std::string& reason : outlook.reasons(found.task)) {
    std::cout << "    " << reason << "\n";
  }
  return 0;
}

}  // namespace

void add_why(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("why", "tell what became of a task and why it would run");
  auto options = std::make_shared<CompileOptions>();
  auto task = std::make_shared<std::string>();
  add_compile_options(*command, *options);
  command->add_option("task", *task, "such as highpass:session01/array02/channel005")->required();
  command->callback(
      [options, task, &action] { action = [options, task] { return why(*options, *task); }; });
}

}  // namespace wfc
