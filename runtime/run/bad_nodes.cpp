// Rows of failures by node.
#include "runtime/run/bad_nodes.hpp"

#include "runtime/plan/state_words.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace wfr {
namespace {

struct Ending {
  std::int64_t time_ns = 0;
  Task task;
};

struct NodeHistory {
  std::map<StepId, std::uint64_t> successes;
  std::int64_t last_success_ns = 0;
  std::vector<Ending> failures;
};

using History = std::map<std::string, NodeHistory>;

History history_of(const StatePaths& paths) {
  History history;
  read_logs(paths.log_dir(), [&](const Record& record) {
    if (record.kind != RecordKind::End || !is_host_word(record.node)) return;
    NodeHistory& node = history[record.node];
    if (record.verdict == Verdict::Done) {
      ++node.successes[record.task.step];
      node.last_success_ns = std::max(node.last_success_ns, record.time_ns);
    } else if (record.verdict == Verdict::Failed && may_be_the_nodes(record.failure)) {
      node.failures.push_back({record.time_ns, record.task});
    }
  });
  return history;
}

// The steps of the row of failures at the end of a node's history; empty when the row is short.
std::set<StepId> row_of(const NodeHistory& node) {
  std::set<StepId> steps;
  std::set<std::pair<StepId, TaskIndex>> tasks;
  for (const Ending& failure : node.failures) {
    if (failure.time_ns <= node.last_success_ns) continue;
    steps.insert(failure.task.step);
    tasks.insert({failure.task.step, failure.task.index});
  }
  return tasks.size() < kBadAfter ? std::set<StepId>{} : steps;
}

}  // namespace

bool may_be_the_nodes(FailureKind kind) {
  switch (kind) {
    case FailureKind::Exit:
    case FailureKind::Signal:
    case FailureKind::MissingOutput:
    case FailureKind::MissingInput:
    case FailureKind::Kernel:
    case FailureKind::Lost:
    case FailureKind::Node:
    case FailureKind::NoSpace:
    case FailureKind::Preparation:
      return true;
    default:
      return false;
  }
}

std::vector<std::string> bad_nodes(const StatePaths& paths) {
  const History history = history_of(paths);
  std::map<std::string, std::set<StepId>> suspects;
  for (const auto& [name, node] : history) {
    std::set<StepId> steps = row_of(node);
    if (!steps.empty()) suspects.emplace(name, std::move(steps));
  }
  std::vector<std::string> bad;
  for (const auto& [name, steps] : suspects) {
    const bool elsewhere = std::all_of(steps.begin(), steps.end(), [&](StepId step) {
      return std::any_of(history.begin(), history.end(), [&](const auto& other) {
        return !suspects.contains(other.first) && other.second.successes.contains(step);
      });
    });
    if (elsewhere) bad.push_back(name);
  }
  return bad;
}

}  // namespace wfr
