// The verdict for people and for tools, and the command that a verdict job runs.
#include "runtime/plan/expand.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state_io.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/failures_text.hpp"
#include "runtime/run/finalizers_text.hpp"
#include "runtime/run/lost.hpp"
#include "runtime/run/mail.hpp"
#include "runtime/run/options.hpp"
#include "runtime/run/stale_results.hpp"
#include "runtime/run/verdict.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptFailures = 1000;

std::string reason_of(const StatePaths& state, const Slot& slot) {
  const std::optional<Record> record = read_record(state.log_dir(), slot);
  return record ? record->message : failure_name(slot.failure);
}

// Names on disk need not be UTF-8, JSON must be.
std::string dump(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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

bool is_out_of(const fs::path& directory, const std::string& hash) {
  std::error_code error;
  return hash.empty() ? fs::exists(directory / "state" / "last", error)
                      : fs::exists(directory / "plan" / hash / "plan.wfp", error);
}

// The one that is given, the working directory, or the one that this program lies in.
fs::path find_out(const std::string& given, const std::string& hash) {
  if (!given.empty()) return fs::absolute(given).lexically_normal();
  fs::path here = fs::current_path();
  if (is_out_of(here, hash)) return here;
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
  return !error && is_out_of(own, hash) ? own : here;
}

std::string table_text(const Plan& plan, const PlanVerdict& verdict) {
  std::size_t width = 4;
  for (const StepVerdict& step : verdict.steps) {
    width = std::max(width, plan.step(step.step).name.size());
  }
  constexpr const char* kRow = "{:<{}}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}\n";
  std::string text = fmt::format(
      fmt::runtime(kRow), "step", width, "done", "of", "failed", "blocked", "not run", "stopped");
  for (const StepVerdict& step : verdict.steps) {
    text += fmt::format(fmt::runtime(kRow),
                        plan.step(step.step).name,
                        width,
                        step.done,
                        step.total,
                        step.failed,
                        step.upstream_failed,
                        step.not_run,
                        step.cancelled);
  }
  return text;
}

std::uint64_t tasks_not_done(const PlanVerdict& verdict) {
  std::uint64_t missing = 0;
  for (const StepVerdict& step : verdict.steps) missing += step.total - step.done;
  return missing;
}

std::string not_done_text(std::uint64_t missing) {
  if (missing == 0) return "every task is done";
  return missing == 1 ? "1 task is not done" : fmt::format("{} tasks are not done", missing);
}

std::string subject_of(const Plan& plan, const PlanVerdict& verdict) {
  return plan.workflow + ": " + not_done_text(tasks_not_done(verdict));
}

// The script asks Slurm for a message of its own, for where this one cannot be sent.
void mail_verdict(const Mail& mail, const StatePaths& state) {
  const std::string problem = send_mail(mail, state.dir / "mail.txt");
  if (problem.empty()) {
    keep_slurm_from_mailing();
    std::printf("a message was sent to %s\n", mail.to.c_str());
  } else {
    std::printf("Slurm sends its own message to %s: %s\n", mail.to.c_str(), problem.c_str());
  }
}

}  // namespace

std::string verdict_text(const Plan& plan,
                         const PlanVerdict& verdict,
                         const StatePaths& state,
                         const Caller& caller) {
  if (verdict.steps.empty()) return "no tasks\n";
  const std::uint64_t missing = tasks_not_done(verdict);
  const std::string table = table_text(plan, verdict) + not_done_text(missing) + "\n";
  if (missing == 0) return table;
  return table + failures_text(plan, verdict, state, caller) + retry_text(state, caller);
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
    if (failures.size() >= kKeptFailures) break;
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
  const auto options = parse_options(words, {"plan", "run", "out", "mail", "mail-on"});
  std::string hash = optional_value(options, "plan");
  const fs::path out = find_out(optional_value(options, "out"), hash);
  if (hash.empty()) hash = read_last(out);
  if (hash.empty()) {
    throw UsageError("nothing was run or submitted from `" + out.string() + "`: give --out DIR");
  }
  require_own_out(out, hash);
  const Plan plan = map_plan(out / "plan" / hash / "plan.wfp", hash);
  const StatePaths state = state_paths(out, hash);
  // With --run it is the verdict's own job: nothing runs any more, so what has not ended is lost.
  if (!optional_value(options, "run").empty()) settle_all_lost(plan, state, out);
  const Selection stale = still_stale(plan, out, state, optional_value(options, "run"));
  const PlanVerdict verdict = derive_verdict(plan, state, kMostFailuresRead, stale);
  make_own_directories(state.dir);
  replace_file(state.dir / "verdict.json", verdict_json(plan, verdict, state));
  std::string text = verdict_text(plan, verdict, state, caller_in(out));
  // The verdict's own job comes before them.
  if (optional_value(options, "run").empty()) text += finalizers_text(plan, state, caller_in(out));
  std::fputs(text.c_str(), stdout);
  const std::string to = optional_value(options, "mail");
  const bool wanted = optional_value(options, "mail-on") != "failure" || !verdict.all_done();
  if (!to.empty() && wanted) mail_verdict({to, subject_of(plan, verdict), text}, state);
  return verdict.all_done() ? 0 : 1;
}

}  // namespace wfr
