// A hundred failures that are alike are one line with a count.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

struct FailureGroup {
  StepId step{};
  FailureKind kind{};
  std::uint64_t count = 0;
  std::vector<Task> examples;  // the first of them, at most kMostExamples
  std::string message;         // of the first: the reason, then the last lines of its output
  static constexpr std::size_t kMostExamples = 3;
};

class FailureGroups {
 public:
  explicit FailureGroups(const Plan& plan) : plan_(plan) {}
  // Alike are failures of one step, with the same class and status, whose reasons and last lines
  // differ in no more than numbers and the names of the task's own directories. Returns the
  // failure's group; its `count` is 1 when it is the first.
  const FailureGroup& add(Task task,
                          FailureKind kind,
                          std::int32_t status,
                          const std::string& message);
  // In the order of their first failures.
  [[nodiscard]] const std::vector<FailureGroup>& all() const { return groups_; }

 private:
  const Plan& plan_;
  std::vector<FailureGroup> groups_;
  std::map<std::string, std::size_t> place_;
};

// "failed: one:a: exit status 3", or "failed: 200 tasks of `one`: exit status 3" with a line of
// examples below it; "stopped: ..." of those that were stopped. Safe to show.
std::string group_head(const Plan& plan, const FailureGroup& group);
// The same of several whose first one was shown before: without the reason, but "as one:a above".
std::string group_again(const Plan& plan, const FailureGroup& group);
// The last lines of a message after its first one, each behind a bar. Safe to show.
std::string quoted_tail(const std::string& message);
// The first line.
std::string reason_in(const std::string& message);

}  // namespace wfr
