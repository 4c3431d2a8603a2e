// Sums up the logs of every plan that has run.
#include "compiler/tune/history.hpp"

#include "compiler/tune/past_plans.hpp"
#include "runtime/plan/state.hpp"

#include <map>
#include <string>

namespace wfc {

History read_history(const std::filesystem::path& out) {
  constexpr double kNanoseconds = 1e9;
  struct Sum {
    std::uint64_t tasks = 0;
    double seconds = 0;
  };
  std::map<std::string, Sum> sums;
  for (const PastPlan& past : past_plans(out)) {
    wfr::read_logs(wfr::state_paths(out, past.hash).log_dir(), [&](const wfr::Record& record) {
      // A task that was only recorded as done (`wfc touch`) has taken no time.
      const bool done = record.kind == wfr::RecordKind::End &&
                        record.verdict == wfr::Verdict::Done && record.wall_ns > 0;
      if (!done || wfr::index_of(record.task.step) >= past.plan.steps.size()) return;
      Sum& sum = sums[past.plan.step(record.task.step).name];
      ++sum.tasks;
      sum.seconds += static_cast<double>(record.wall_ns) / kNanoseconds;
    });
  }
  History history;
  for (const auto& [name, sum] : sums) {
    history[name] = {sum.tasks, sum.seconds / static_cast<double>(sum.tasks)};
  }
  return history;
}

}  // namespace wfc
