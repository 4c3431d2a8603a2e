// Failures that differ in names and numbers alone are one group; what differs in words is not.
#include "runtime/run/failure_groups.hpp"

#include "tests/unit/run/workflow_builder.hpp"

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace {

Plan two_steps(const Workspace& space) {
  return WorkflowBuilder()
      .level("session", {"s01", "s02", "s03", "s04"})
      .level("channel", {"a", "b"})
      .step({"one", "channel", "true", {}, {}, {}})
      .step({"two", "channel", "true", {}, {}, {}})
      .build(space.data());
}

constexpr FailureKind kExit = FailureKind::Exit;

}  // namespace

TEST_CASE("a group is of one step, one class, one status and the same words") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  const auto add = [&](std::uint32_t step,
                       TaskIndex task,
                       FailureKind kind,
                       int status,
                       const std::string& message) {
    groups.add({StepId{step}, task}, kind, status, message);
    return groups.all().size();
  };
  // Its own directory, alone and in a path; numbers; what is before the last line.
  CHECK(add(0, 0, kExit, 3, "exit status 3\nreading\n`s01/a/in.txt`: bad at byte 17\n") == 1);
  CHECK(add(0, 3, kExit, 3, "exit status 3\n`s02/b/in.txt`: bad at byte 4096\n") == 1);
  CHECK(add(0, 5, kExit, 3, "exit status 3\n`s03/b/in.txt`: cannot be read\n") == 2);
  CHECK(add(0, 1, kExit, 4, "exit status 4\n`s01/b/in.txt`: bad at byte 17\n") == 3);
  CHECK(add(1, 0, kExit, 3, "exit status 3\n`s01/a/in.txt`: bad at byte 17\n") == 4);
  CHECK(add(0, 2, FailureKind::Lost, 0, "lost with its job 7_2 on n3 (FAILED)") == 5);
  CHECK(add(0, 6, FailureKind::Lost, 0, "lost with its job 7_16 on n11 (FAILED)") == 5);
  CHECK(groups.all()[0].count == 2);
  CHECK(groups.all()[4].count == 2);
}

TEST_CASE("a short name is not taken out of words") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  groups.add({StepId{0}, 0}, kExit, 127, "exit status 127: a command was not found");
  groups.add({StepId{0}, 1}, kExit, 127, "exit status 127: a command was not found");
  REQUIRE(groups.all().size() == 1);
  CHECK(group_head(plan, groups.all()[0]) ==
        "failed: 2 tasks of `one`: exit status 127: a command was not found\n"
        "    one:s01/a, one:s01/b\n");
}

TEST_CASE("three examples, and how many more") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  for (TaskIndex i = 0; i < 8; ++i) {
    groups.add({StepId{0}, i}, FailureKind::Cancelled, 0, "stopped with the run");
  }
  CHECK(group_head(plan, groups.all()[0]) ==
        "stopped: 8 tasks of `one`: stopped with the run\n"
        "    one:s01/a, one:s01/b, one:s02/a and 5 more\n");
}

TEST_CASE("messages that are all different end in one group") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  std::string words;
  for (std::size_t i = 0; i < 3000; ++i) {
    words += static_cast<char>('a' + i % 26);
    if (words.size() > 60) words.erase(0, 20);
    groups.add({StepId{0}, 0}, kExit, 1, "exit status 1\n" + words + std::string(i % 97, 'x'));
  }
  CHECK(groups.all().size() <= 1001);
}

TEST_CASE("what a task has said cannot move the cursor") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  const std::string message = "exit status 3\n\x1b[2J\x1b]0;title\a bad\n\xff\n";
  const FailureGroup& group = groups.add({StepId{0}, 0}, kExit, 3, message);
  CHECK(group_head(plan, group) + quoted_tail(message) ==
        "failed: one:s01/a: exit status 3\n"
        "    | \\x1b[2J\\x1b]0;title\\x07 bad\n"
        "    | \\xff\n");
}

TEST_CASE("what was shown before is not said again") {
  const Workspace space;
  const Plan plan = two_steps(space);
  FailureGroups groups(plan);
  groups.add({StepId{0}, 0}, kExit, 3, "exit status 3");
  groups.add({StepId{0}, 1}, kExit, 3, "exit status 3");
  CHECK(group_again(plan, groups.all()[0]) ==
        "failed: 2 tasks of `one`, as one:s01/a above\n"
        "    one:s01/a, one:s01/b\n");
}
