// Groups of failures as lines.
#include "runtime/run/failures_text.hpp"

#include "runtime/plan/secret.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/job_log.hpp"
#include "runtime/run/slurm_log.hpp"
#include "runtime/run/slurm_state.hpp"
#include "runtime/run/staleness.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <system_error>

#include <fmt/format.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownGroups = 5;

// "" when there is none.
fs::path log_of(const Plan& plan, Task task, const Record& record, const fs::path& out) {
  if (record.job_id != 0) return job_log(out, record);
  const fs::path file = JobLog(plan, (out / "logs").string(), false).file_of(task);
  std::error_code error;
  return fs::exists(file, error) ? file : fs::path();
}

fs::path whole_out(const Caller& caller) {
  return (caller.directory / caller.out).lexically_normal();
}

std::string group_text(const Plan& plan,
                       const FailureGroup& group,
                       const std::optional<Record>& record,
                       const Caller& caller) {
  return group_head(plan, group) + quoted_tail(group.message) +
         whereabouts_text(plan, group.examples.front(), record, caller);
}

std::string count_text(std::uint64_t count) {
  return fmt::format("{} task{}", count, count == 1 ? "" : "s");
}

}  // namespace

std::string whereabouts_text(const Plan& plan,
                             Task task,
                             const std::optional<Record>& record,
                             const Caller& caller) {
  if (!record) return {};
  std::string text;
  const fs::path log = log_of(plan, task, *record, whole_out(caller));
  const bool own_words = record->message.find('\n') != std::string::npos;
  const bool quoted = !own_words && !has_secret(plan.step(task.step));
  if (quoted && !log.empty() && record->failure != FailureKind::Cancelled) {
    text += quoted_tail("\n" + end_of_file(log));
  }
  if (record->job_id != 0) {
    text += fmt::format("    on {}, Slurm job {}\n", visible(record->node), job_text(*record));
  }
  if (!log.empty()) {
    text += fmt::format("    log: {}\n", visible_text(shown_path(log, caller.directory)));
  }
  return text;
}

std::string time_text(std::int64_t time_ns) {
  const auto seconds = static_cast<std::time_t>(time_ns / 1'000'000'000);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string failures_text(const Plan& plan,
                          const PlanVerdict& verdict,
                          const StatePaths& state,
                          const Caller& caller) {
  FailureGroups groups(plan);
  std::vector<std::optional<Record>> firsts;
  for (const FailedSlot& failed : verdict.failures) {
    std::optional<Record> record = find_record(whole_out(caller), state, failed.slot);
    const std::string message = record ? record->message : failure_name(failed.slot.failure);
    const bool fresh =
        groups.add(failed.task, failed.slot.failure, failed.slot.status, message).count == 1;
    if (fresh) firsts.push_back(std::move(record));
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < groups.all().size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return groups.all()[a].count > groups.all()[b].count;
  });
  std::string text;
  std::uint64_t more = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const FailureGroup& group = groups.all()[order[i]];
    if (i < kShownGroups) {
      text += group_text(plan, group, firsts[order[i]], caller);
    } else {
      more += group.count;
    }
  }
  if (more > 0) {
    text += fmt::format("and {} with {} other message{}\n",
                        count_text(more),
                        order.size() - kShownGroups,
                        order.size() - kShownGroups == 1 ? "" : "s");
  }
  std::uint64_t all = 0;
  for (const StepVerdict& step : verdict.steps) all += step.failed + step.cancelled;
  if (all > verdict.failures.size()) {
    text += fmt::format("the records of {} more were not read\n",
                        count_text(all - verdict.failures.size()));
  }
  if (order.empty()) return text;
  const Task example = groups.all()[order.front()].examples.front();
  return text + fmt::format("for details: {}\n",
                            propose(Proposal::Why, caller, {task_name(plan, example)}));
}

std::string retry_text(const StatePaths& state, const Caller& caller) {
  std::error_code error;
  const bool submitted =
      fs::exists(state.journal(), error) && fs::exists(whole_out(caller) / "submit.sh", error);
  if (!submitted && caller.workflow.empty()) return {};
  return fmt::format("to run what is not done: {}\n",
                     propose(submitted ? Proposal::Submit : Proposal::Run, caller));
}

}  // namespace wfr
