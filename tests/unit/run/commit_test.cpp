// The committer's two speeds, and the guardian's table.
#include "runtime/run/commit.hpp"

#include "runtime/plan/state.hpp"
#include "runtime/run/guardian.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace wfr;
using namespace wfr::test;

namespace {

using Clock = std::chrono::steady_clock;

Plan three_tasks(const Workspace& space) {
  return WorkflowBuilder()
      .level("channel", {"c1", "c2", "c3"})
      .step({"one", "channel", "true", {}, {}, {}})
      .build(space.data());
}

Ended failed(TaskIndex index) {
  Ended ended;
  ended.attempt.task = {StepId{0}, index};
  ended.attempt.number = 1;
  ended.verdict = Verdict::Failed;
  ended.failure = {FailureKind::Exit, 1, "it has ended with exit status 1"};
  return ended;
}

// Takes results until there are `count`, for ten seconds at most.
std::size_t take_all(Committer& committer, std::size_t count) {
  std::size_t taken = 0;
  const auto until = Clock::now() + std::chrono::seconds(10);
  while (taken < count && Clock::now() < until) {
    taken += committer.take().size();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return taken;
}

}  // namespace

TEST_CASE("without hurry nobody is woken, and everything is recorded all the same", "[commit]") {
  Workspace space;
  const Plan plan = three_tasks(space);
  std::atomic<int> woken = 0;
  SlotStore slots(plan, state_paths(space.out(), plan.hash), true);
  Committer committer(plan, space.data().string(), slots, [&] { ++woken; });
  committer.put(failed(0));
  committer.hurry(false);
  committer.put(failed(1));
  committer.put(failed(2));
  // The first may have been committed before the hurry ended.
  CHECK(take_all(committer, 3) == 3);
  CHECK(woken <= 1);
  CHECK(committer.outstanding() == 0);
  for (TaskIndex i = 0; i < 3; ++i) CHECK(slots.of(StepId{0}).read(i).verdict == Verdict::Failed);
}

TEST_CASE("who is in a hurry is told of results that are there already", "[commit]") {
  Workspace space;
  const Plan plan = three_tasks(space);
  std::atomic<int> woken = 0;
  SlotStore slots(plan, state_paths(space.out(), plan.hash), true);
  Committer committer(plan, space.data().string(), slots, [&] { ++woken; });
  committer.put(failed(0));
  committer.hurry(false);
  const auto until = Clock::now() + std::chrono::seconds(10);
  while (slots.of(StepId{0}).read(0).verdict != Verdict::Failed && Clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  committer.hurry(true);
  while (woken == 0 && Clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(woken > 0);
  CHECK(take_all(committer, 1) == 1);
}

TEST_CASE("a step whose slots cannot be written fails by itself", "[commit]") {
  Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2", "c3"})
                        .step({"one", "channel", "true", {}, {}, {}})
                        .step({"two", "channel", "true", {}, {}, {}})
                        .build(space.data());
  const StatePaths state = state_paths(space.out(), plan.hash);
  std::filesystem::create_directories(state.slots(plan.steps[1]));
  SlotStore slots(plan, state, true);
  Committer committer(
      plan, space.data().string(), slots, [] {}, true);
  // While it is patient with the first one, the others gather.
  Ended first = failed(0);
  first.failure = {FailureKind::Signal, SIGKILL, "killed"};
  committer.put(std::move(first));
  committer.hurry(false);
  for (const std::uint32_t step : {0U, 1U}) {
    Ended blocked = failed(1);
    blocked.attempt.task.step = StepId{step};
    blocked.verdict = Verdict::UpstreamFailed;
    blocked.failure = {FailureKind::None, 0, "not run"};
    committer.put(std::move(blocked));
  }
  std::map<StepId, Committed> results;
  const auto until = Clock::now() + std::chrono::seconds(10);
  while (committer.outstanding() > 0 && Clock::now() < until) {
    for (Committed& one : committer.take()) {
      if (one.task.index == 1) results[one.task.step] = std::move(one);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(results.size() == 2);
  // What a slot says and what the job counts are the same.
  CHECK(results[StepId{0}].verdict == Verdict::UpstreamFailed);
  CHECK(slots.of(StepId{0}).read(1).verdict == Verdict::UpstreamFailed);
  CHECK(results[StepId{1}].verdict == Verdict::Failed);
  CHECK(results[StepId{1}].failure.reason.starts_with("its end cannot be recorded: "));
}

TEST_CASE("what its ward has left is killed, what has ended is not", "[guardian]") {
  // Two groups that would sleep for a minute; the guarding process is killed.
  const auto sleeper = [] {
    const pid_t pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      sleep(60);
      _exit(0);
    }
    setpgid(pid, pid);
    return pid;
  };
  const pid_t left = sleeper();
  const pid_t ended = sleeper();
  const pid_t ward = fork();
  if (ward == 0) {
    Guardian guardian;
    guardian.add(left);
    guardian.add(ended);
    guardian.remove(ended);
    guardian.remove(12345);  // never added
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(ward, &status, 0) == ward);
  REQUIRE(waitpid(left, &status, 0) == left);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(waitpid(ended, &status, WNOHANG) == 0);
  kill(ended, SIGKILL);
  waitpid(ended, &status, 0);
}
