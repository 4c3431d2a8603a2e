// The verdict for people and for tools, and the command that a verdict job runs.
#include "runtime/plan/expand.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/lost.hpp"
#include "runtime/run/options.hpp"
#include "runtime/run/verdict.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownFailures = 10;
constexpr std::size_t kKeptFailures = 1000;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string reason_of(const StatePaths& state, const Slot& slot) {
  const std::optional<Record> record = read_record(state.log_dir(), slot);
  return record ? record->message : failure_name(slot.failure);
}

// Names on disk need not be UTF-8, JSON must be.
std::string dump(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void write_atomically(const fs::path& file, const std::string& bytes) {
  const fs::path temporary = file.string() + ".new";
  const auto fail = [&] {
    throw fs::filesystem_error(
        "cannot write", temporary, std::error_code(errno, std::generic_category()));
  };
  std::FILE* stream = std::fopen(temporary.c_str(), "we");
  if (stream == nullptr) fail();
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size();
  // What is buffered may find the disk full only here.
  if (std::fclose(stream) != 0 || !written) fail();
  fs::rename(temporary, file);
}

// "812_3.log", of "logs/02-highpass.812_3.log": the file that Slurm was told to write, from the
// record's ids.
std::string log_of(const std::optional<Record>& record) {
  if (!record || record->job_id == 0) return {};
  return record->array_job_id > 0
             ? fmt::format("{}_{}.log", record->array_job_id, record->array_task_id)
             : fmt::format("{}.log", record->job_id);
}

void settle_all_lost(const Plan& plan, const StatePaths& state, const fs::path& out) {
  StepRanges tasks;
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != FinalizerKind::None) continue;
    tasks.push_back({id, {Range{0, plan.graph.tasks(id).count}}});
  }
  SlotStore slots(plan, state, true);
  settle_lost(plan, slots, tasks, ask_slurm(out));
}

}  // namespace

std::string verdict_text(const Plan& plan, const PlanVerdict& verdict, const StatePaths& state) {
  std::size_t width = 4;
  for (const StepVerdict& step : verdict.steps) {
    width = std::max(width, plan.step(step.step).name.size());
  }
  std::string text = fmt::format("{:<{}}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}\n",
                                 "step",
                                 width,
                                 "done",
                                 "of",
                                 "failed",
                                 "upstream",
                                 "not run");
  std::uint64_t missing = 0;
  for (const StepVerdict& step : verdict.steps) {
    text += fmt::format("{:<{}}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}\n",
                        plan.step(step.step).name,
                        width,
                        step.done,
                        step.total,
                        step.failed + step.cancelled,
                        step.upstream_failed,
                        step.not_run);
    missing += step.total - step.done;
  }
  if (missing == 0) return text + "every task is done\n";
  text += fmt::format("{} tasks are not done\n", missing);
  for (std::size_t i = 0; i < std::min(verdict.failures.size(), kShownFailures); ++i) {
    const FailedSlot& failed = verdict.failures[i];
    const std::optional<Record> record = read_record(state.log_dir(), failed.slot);
    text += fmt::format(
        "\n{}: {}\n", task_name(plan, failed.task), first_line(reason_of(state, failed.slot)));
    const std::string log = log_of(record);
    if (!log.empty()) text += fmt::format("  log: logs/*.{}\n", log);
  }
  if (verdict.failures.size() > kShownFailures) {
    text +=
        fmt::format("\nand {} more, in verdict.json\n", verdict.failures.size() - kShownFailures);
  }
  return text + "\nto run what is missing: ./submit.sh --resume\n";
}

std::string verdict_json(const Plan& plan, const PlanVerdict& verdict, const StatePaths& state) {
  nlohmann::json steps = nlohmann::json::array();
  for (const StepVerdict& step : verdict.steps) {
    steps.push_back({{"step", plan.step(step.step).name},
                     {"total", step.total},
                     {"done", step.done},
                     {"failed", step.failed},
                     {"cancelled", step.cancelled},
                     {"upstream_failed", step.upstream_failed},
                     {"not_run", step.not_run}});
  }
  nlohmann::json failures = nlohmann::json::array();
  for (const FailedSlot& failed : verdict.failures) {
    failures.push_back({{"task", task_name(plan, failed.task)},
                        {"kind", failure_name(failed.slot.failure)},
                        {"status", failed.slot.status},
                        {"attempt", failed.slot.attempt},
                        {"message", reason_of(state, failed.slot)}});
  }
  return dump({{"plan", plan.hash},
               {"workflow", plan.workflow},
               {"done", verdict.all_done()},
               {"steps", std::move(steps)},
               {"failures", std::move(failures)}});
}

int verdict_command(std::span<const std::string> words) {
  const auto options = parse_options(words, {"plan", "run"});
  const std::string& hash = required(options, "plan");
  const fs::path out = fs::current_path();
  const Plan plan = map_plan(out / "plan" / hash / "plan.wfp", hash);
  const StatePaths state = state_paths(out, hash);
  // With --run it is the verdict's own job: nothing runs any more, so what has not ended is lost.
  if (!optional_value(options, "run").empty()) settle_all_lost(plan, state, out);
  const PlanVerdict verdict = derive_verdict(plan, state, kKeptFailures);
  fs::create_directories(state.dir);
  write_atomically(state.dir / "verdict.json", verdict_json(plan, verdict, state));
  std::fputs(verdict_text(plan, verdict, state).c_str(), stdout);
  return verdict.all_done() ? 0 : 1;
}

}  // namespace wfr
