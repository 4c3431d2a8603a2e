// The job's loop over processes that exist only in memory: order, weights, stops and retries.
#include "runtime/run/job.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <csignal>
#include <map>

#include <catch2/catch.hpp>
#include <sys/wait.h>

using namespace wfr;
using namespace wfr::test;

namespace {

// Each command "runs" until the next wait(); `status_of` says how it ends.
class FakeProcesses final : public Processes {
 public:
  std::function<int(const std::string& task)> status_of = [](const std::string&) { return 0; };
  std::vector<std::string> started;
  std::function<void()> on_wait;  // before anything ends
  std::vector<int> stopped_by;    // the signal of each stop()
  std::size_t most_at_once = 0;

  ProcessId start(const ProcessRequest& request) override {
    const std::string task = request.extra.at(0).substr(std::string("WFC_TASK=").size());
    started.push_back(task);
    running_[next_] = task;
    most_at_once = std::max(most_at_once, running_.size());
    return next_++;
  }
  Woken wait(int) override {
    Woken woken;
    if (on_wait) on_wait();
    if (running_.empty()) return woken;
    const auto first = running_.begin();
    ProcessEnd end;
    end.id = first->first;
    const auto stopped = stopped_.find(end.id);
    if (stopped == stopped_.end()) {
      end.status = W_EXITCODE(status_of(first->second), 0);
    } else {
      end.status = stopped->second;
      end.stopped = Stopped::Asked;
    }
    end.tail = "said by " + first->second;
    running_.erase(first);
    woken.ended.push_back(end);
    return woken;
  }
  void stop(ProcessId id, int signal, std::int64_t) override {
    if (!running_.contains(id)) return;  // it has just ended
    stopped_by.push_back(signal);
    stopped_[id] = signal;
  }
  void signal(ProcessId, int) override {}
  void watch(int) override {}
  void unwatch(int) override {}
  void wake() override {}

 private:
  ProcessId next_ = 1;
  std::map<ProcessId, std::string> running_;
  std::map<ProcessId, int> stopped_;
};

}  // namespace

TEST_CASE("the loop keeps the cpus busy and no more") {
  const Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2", "c3", "c4", "c5"})
                        .step({"one", "channel", "tool", {}, {}, {}})
                        .step({"all", "", "tool", {"one"}, {}, {}})
                        .build(space.data());
  FakeProcesses processes;
  JobOptions options = whole_job(plan, space.out());
  options.cpus = 3;
  CHECK(run_job(plan, options, processes).complete());
  CHECK(processes.most_at_once == 3);
  CHECK(processes.started.size() == 6);
  CHECK(processes.started.back() == "all");
}

TEST_CASE("a failure is told once, with its reason and its last words") {
  const Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2"})
                        .step({"one",
                               "channel",
                               "tool",
                               {},
                               {},
                               {},
                               [](StepSpec& s) {
                                 s.retry = {2, {}};
                               }})
                        .step({"two", "channel", "tool", {"one"}, {}, {}})
                        .build(space.data());
  FakeProcesses processes;
  processes.status_of = [](const std::string& task) { return task == "one:c2" ? 7 : 0; };
  std::vector<std::string> told;
  JobOptions options = whole_job(plan, space.out());
  options.on_failure = [&](const FailedTask& failed) { told.push_back(failed.message); };
  const JobResult result = run_job(plan, options, processes);
  CHECK(told == std::vector<std::string>{"exit status 7\nsaid by one:c2"});
  CHECK(std::count(processes.started.begin(), processes.started.end(), "one:c2") == 3);
  CHECK(std::count(processes.started.begin(), processes.started.end(), "two:c2") == 0);
  REQUIRE(result.steps.size() == 2);
  CHECK(result.steps[1].upstream_failed == 1);
  CHECK(result.steps[1].done == 1);
}

TEST_CASE("without keep_going nothing is started after a failure") {
  const Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"})
                        .step({"one", "channel", "tool", {}, {}, {}})
                        .build(space.data());
  FakeProcesses processes;
  processes.status_of = [](const std::string& task) { return task == "one:c1" ? 1 : 0; };
  JobOptions options = whole_job(plan, space.out());
  options.cpus = 1;
  options.keep_going = false;
  const JobResult result = run_job(plan, options, processes);
  CHECK_FALSE(result.complete());
  CHECK(processes.started.size() < 9);
}

TEST_CASE("a signal stops what runs, and nothing more is started") {
  const Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2", "c3", "c4", "c5"})
                        .step({"one", "channel", "tool", {}, {}, {}})
                        .build(space.data());
  FakeProcesses processes;
  int waits = 0;
  processes.on_wait = [&waits] {
    if (++waits == 2) std::raise(SIGTERM);
  };
  JobOptions options = whole_job(plan, space.out());
  options.cpus = 2;
  const JobResult result = run_job(plan, options, processes);
  CHECK(result.interrupted);
  CHECK(result.signal == SIGTERM);
  // Of three that were started one has ended before the signal, one with it.
  CHECK(processes.started.size() == 3);
  CHECK(processes.stopped_by == std::vector<int>{SIGTERM});
  CHECK(result.progress.done == 2);
  const SlotFile slots(state_paths(space.out(), plan.hash).slots(plan.step(StepId{0})), 5, false);
  CHECK(slots.read(0).verdict == Verdict::Done);
  CHECK(slots.read(1).verdict == Verdict::Done);
  CHECK(slots.read(2).verdict == Verdict::Cancelled);
  CHECK(slots.read(3).verdict == Verdict::None);
}

TEST_CASE("retries are for the failures that the step names") {
  const Workspace space;
  const auto tries = [&](std::vector<FailureKind> on) {
    const Plan plan = WorkflowBuilder()
                          .step({"one",
                                 "",
                                 "tool",
                                 {},
                                 {},
                                 {},
                                 [&](StepSpec& s) {
                                   s.retry = {2, on};
                                 }})
                          .build(space.data());
    FakeProcesses processes;
    processes.status_of = [](const std::string&) { return 1; };
    run_job(plan, whole_job(plan, space.out()), processes);
    return processes.started.size();
  };
  CHECK(tries({}) == 3);
  CHECK(tries({FailureKind::Exit}) == 3);
  CHECK(tries({FailureKind::OutOfMemory, FailureKind::Timeout}) == 1);
}

TEST_CASE("the verdicts of another job gate this one") {
  const Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2", "c3"})
                        .step({"one", "channel", "tool", {}, {}, {}})
                        .step({"two", "channel", "tool", {"one"}, {}, {}})
                        .build(space.data());
  FakeProcesses processes;
  processes.status_of = [](const std::string& task) { return task == "one:c1" ? 1 : 0; };
  JobOptions first = whole_job(plan, space.out());
  first.tasks = {{StepId{0}, {0, 2}}};
  run_job(plan, first, processes);
  JobOptions second = whole_job(plan, space.out());
  second.tasks = {{StepId{1}, {0, 3}}};
  const JobResult result = run_job(plan, second, processes);
  CHECK(result.progress.done == 1);
  CHECK(result.progress.upstream_failed == 2);
  const StatePaths state = state_paths(space.out(), plan.hash);
  const SlotFile slots(state.slots(plan.step(StepId{1})), 3, false);
  const auto reason = [&](TaskIndex i) {
    return read_record(state.log_dir(), slots.read(i))->message;
  };
  CHECK(reason(0) == "not run: `one:c1` has failed");
  CHECK(reason(2) == "not run: `one:c3` has not been run");
}
