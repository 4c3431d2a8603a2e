// Sums up the logs of every state.
#include "compiler/commands/plan_history.hpp"

#include "runtime/plan/state.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <system_error>
#include <vector>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct Sum {
  std::uint64_t tasks = 0;
  double seconds = 0;
};

void add_state(const fs::path& out, const std::string& hash, std::map<std::string, Sum>& sums) {
  constexpr double kNanoseconds = 1e9;
  const fs::path file = out / "plan" / hash / "plan.wfp";
  if (!fs::exists(file)) return;
  try {
    const wfr::Plan plan = wfr::map_plan(file, hash);
    wfr::read_logs(wfr::state_paths(out, hash).log_dir(), [&](const wfr::Record& record) {
      const bool done = record.kind == wfr::RecordKind::End && record.verdict == wfr::Verdict::Done;
      if (!done || wfr::index_of(record.task.step) >= plan.steps.size()) return;
      Sum& sum = sums[plan.step(record.task.step).name];
      ++sum.tasks;
      sum.seconds += static_cast<double>(record.wall_ns) / kNanoseconds;
    });
  } catch (const wfr::PlanError&) {
    // A plan of another version: nothing is known, as if nothing had run.
  }
}

}  // namespace

History read_history(const fs::path& out) {
  std::map<std::string, Sum> sums;
  std::error_code error;
  std::vector<std::string> hashes;
  for (fs::directory_iterator it(out / "state", error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_directory()) hashes.push_back(it->path().filename().string());
  }
  std::sort(hashes.begin(), hashes.end());
  for (const std::string& hash : hashes) add_state(out, hash, sums);
  History history;
  for (const auto& [name, sum] : sums) {
    history[name] = {sum.tasks, sum.seconds / static_cast<double>(sum.tasks)};
  }
  return history;
}

}  // namespace wfc
