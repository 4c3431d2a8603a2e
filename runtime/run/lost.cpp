// Pairs starts with ends by task and attempt, and asks Slurm about the rest.
#include "runtime/run/lost.hpp"

#include "runtime/plan/rungs.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/slurm_jobs.hpp"
#include "runtime/run/slurm_log.hpp"
#include "runtime/run/slurm_state.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace wfr {
namespace {

// For one command of Slurm.
constexpr int kPatienceSeconds = 30;

std::uint64_t packed(Task task) {
  return (static_cast<std::uint64_t>(task.step) << 32U) | task.index;
}

bool producers_done(Gate& gate, Task task) {
  const std::vector<std::uint32_t>& edges = gate.edges_into(task.step);
  return std::all_of(edges.begin(), edges.end(), [&](std::uint32_t edge) {
    return gate.look(edge, task.index).verdict == Verdict::Done;
  });
}

// A bit for each task, by step.
class OpenTasks {
 public:
  explicit OpenTasks(const Plan& plan) : plan_(plan), flags_(plan.steps.size()) {}
  void add(Task task) {
    std::vector<bool>& flags = flags_[index_of(task.step)];
    if (flags.empty()) flags.resize(plan_.graph.tasks(task.step).count);
    flags[task.index] = true;
    any_ = true;
  }
  // Also for a record that names no task of the plan.
  [[nodiscard]] bool contains(Task task) const {
    return index_of(task.step) < flags_.size() && task.index < flags_[index_of(task.step)].size() &&
           flags_[index_of(task.step)][task.index];
  }
  [[nodiscard]] bool any() const { return any_; }

 private:
  const Plan& plan_;
  std::vector<std::vector<bool>> flags_;
  bool any_ = false;
};

OpenTasks without_verdict(const Plan& plan, SlotStore& slots, const StepRanges& tasks) {
  Gate gate(plan, slots);
  OpenTasks found(plan);
  for (const auto& [step, ranges] : tasks) {
    for (const Range& range : ranges) {
      slots.of(step).visit(range, [&, step = step](TaskIndex index, const Slot& slot) {
        const Task task{step, index};
        if (slot.verdict == Verdict::None && producers_done(gate, task)) found.add(task);
      });
    }
  }
  return found;
}

// Of each task the last attempt, if it has not ended, or has failed or was stopped: its start, or
// its end.
std::map<std::uint64_t, Record> attempts_without_slot(const StatePaths& paths,
                                                      const OpenTasks& tasks) {
  using Attempt = std::pair<std::uint64_t, std::uint16_t>;
  std::map<Attempt, Record> last;
  // Logs come in no order of time: one may end what another has begun.
  read_logs(paths.log_dir(), [&](const Record& record) {
    if (!tasks.contains(record.task)) return;
    Record& kept = last[{packed(record.task), record.attempt}];
    const bool first = kept.time_ns == 0;
    const bool newer = record.kind == kept.kind && record.time_ns >= kept.time_ns;
    if (first || newer || record.kind > kept.kind) kept = record;
  });
  std::map<std::uint64_t, Record> found;
  for (auto& [attempt, record] : last) {
    const bool failed = record.verdict == Verdict::Failed || record.verdict == Verdict::Cancelled;
    // What has ended well without its slot is simply run again.
    if (record.kind == RecordKind::Start || failed) {
      found[attempt.first] = std::move(record);
    } else {
      found.erase(attempt.first);
    }
  }
  return found;
}

FailureKind kind_of(const std::string& state) {
  if (state == "OUT_OF_MEMORY") return FailureKind::OutOfMemory;
  if (state == "TIMEOUT" || state == "DEADLINE") return FailureKind::Timeout;
  if (state == "NODE_FAIL" || state == "BOOT_FAIL") return FailureKind::Node;
  if (state == "CANCELLED") return FailureKind::Cancelled;
  return FailureKind::Lost;
}

}  // namespace

AskStates ask_slurm(const std::filesystem::path& out_dir) {
  return [out_dir](const std::vector<Record>& starts) {
    const auto wait = [](std::int64_t duration_ns) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(duration_ns));
    };
    const auto ask = [](const std::vector<std::string>& argv) {
      return capture_within(argv, kPatienceSeconds);
    };
    std::set<std::string> jobs;
    for (const Record& start : starts) {
      if (start.job_id != 0) jobs.insert(job_text(start));
    }
    std::map<std::string, std::string> states =
        SlurmStates(ask, SlurmStates::Clock{monotonic_ns, wait}).of(jobs);
    const JobLogs logs(out_dir);
    for (const std::string& job : jobs) {
      const auto known = states.find(job);
      const FailureKind kind = known == states.end() ? FailureKind::Lost : kind_of(known->second);
      // A kill for memory may have ended the job by cancelling it.
      if (kind != FailureKind::Lost && kind != FailureKind::Cancelled) continue;
      std::string told = state_in_log(end_of_file(logs.of(job)));
      if (!told.empty()) states[job] = std::move(told);
    }
    return states;
  };
}

AskMemory ask_slurm_memory() {
  constexpr int kSeconds = 10;
  constexpr std::int64_t kMostNs = 30'000'000'000;
  const auto known = std::make_shared<std::map<std::string, std::uint64_t>>();
  const auto spent_ns = std::make_shared<std::int64_t>(0);
  return [known, spent_ns](const Record& start) -> std::uint64_t {
    const std::uint32_t array = start.array_job_id;
    const std::string key = array > 0 ? std::to_string(array) : job_text(start);
    const auto [place, is_new] = known->try_emplace(key, 0);
    if (!is_new || *spent_ns > kMostNs) return place->second;
    const std::int64_t begun_ns = monotonic_ns();
    place->second = ask_memory_mb(job_text(start), [](const std::vector<std::string>& argv) {
      return capture_within(argv, kSeconds);
    });
    *spent_ns += monotonic_ns() - begun_ns;
    return place->second;
  };
}

Failure classify_lost(const Record& start, const std::string& state) {
  Failure failure{kind_of(state), 0, {}};
  failure.reason = "lost";
  if (start.job_id != 0) failure.reason += " with its job " + job_text(start);
  if (!start.node.empty()) failure.reason += " on " + start.node;
  failure.reason += state.empty() ? ": it was started and has not ended" : " (" + state + ")";
  return failure;
}

namespace {

// A step without `mem` has what its cluster gives: that is what to say, and at least that much it
// has used.
void explain_memory(const Plan& plan, const AskMemory& memory, Record& end) {
  if (end.failure != FailureKind::OutOfMemory || plan.step(end.task.step).resources.mem_mb > 0) {
    return;
  }
  const std::uint64_t job_mb = memory(end);
  if (end.peak_memory == 0) end.peak_memory = job_mb << 20U;
  end.message = default_memory_text(job_mb) + " (job " + job_text(end) + " on " + end.node + ")";
}

// The end that is recorded for an attempt. `state` is what Slurm says of its job. A command that
// Slurm has killed may have ended, by a signal or with the status that the signal gave, a moment
// before its job did: then the job's own end is the reason.
Record settled_end(const Record& attempt, const std::string& state) {
  Record end = attempt;
  end.time_ns = wall_clock_ns();
  if (attempt.kind == RecordKind::End && kind_of(state) == FailureKind::Lost) return end;
  const Failure failure = classify_lost(attempt, state);
  end.kind = RecordKind::End;
  const bool cancelled = failure.kind == FailureKind::Cancelled;
  end.verdict = cancelled ? Verdict::Cancelled : Verdict::Failed;
  end.failure = failure.kind;
  end.message = failure.reason;
  return end;
}

bool is_explained(const Record& attempt) {
  return attempt.kind == RecordKind::End && attempt.failure != FailureKind::Signal &&
         attempt.failure != FailureKind::Exit;
}

std::map<std::string, std::string> ask_about(const std::map<std::uint64_t, Record>& attempts,
                                             const AskStates& ask) {
  std::vector<Record> starts;
  for (const auto& [task, attempt] : attempts) {
    if (!is_explained(attempt)) starts.push_back(attempt);
  }
  return starts.empty() ? std::map<std::string, std::string>{} : ask(starts);
}

}  // namespace

std::uint64_t settle_lost(const Plan& plan,
                          SlotStore& slots,
                          const StepRanges& tasks,
                          const AskStates& ask,
                          const AskMemory& memory) {
  const OpenTasks open = without_verdict(plan, slots, tasks);
  if (!open.any()) return 0;
  const std::map<std::uint64_t, Record> lost = attempts_without_slot(slots.paths(), open);
  if (lost.empty()) return 0;
  LogWriter log(slots.paths().log_dir());
  const std::map<std::string, std::string> answers = ask_about(lost, ask);
  for (const auto& [task, attempt] : lost) {
    const bool asked = !is_explained(attempt);
    const auto answer = answers.find(job_text(attempt));
    const bool known = asked && answer != answers.end();
    Record end = settled_end(attempt, known ? answer->second : std::string());
    if (end.kind == RecordKind::End && asked) explain_memory(plan, memory, end);
    const Slot begun = slots.of(end.task.step).read(end.task.index);
    end.owned.clear();
    end.before.clear();
    // What the attempt has left is put away by the next one.
    if (std::optional<Record> owned = slots.records().read(begun)) {
      end.owned = std::move(owned->owned);
      end.before = std::move(owned->before);
      end.open = owned->open;
    }
    end.earlier = 0;
    Slot slot;
    slot.verdict = end.verdict;
    slot.failure = end.failure;
    slot.status = end.status;
    slot.attempt = end.attempt;
    slot.time_ns = end.time_ns;
    slot.log_offset = log.append(end);
    slot.log_file = log.file_id();
    slots.of(end.task.step).write(end.task.index, slot);
  }
  return lost.size();
}

}  // namespace wfr
