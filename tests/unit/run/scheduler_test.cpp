// Countdowns, weights and limits, without any process.
#include "runtime/run/scheduler.hpp"

#include "tests/unit/run/workflow_builder.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace {

std::vector<std::pair<StepId, Range>> all_tasks(const Plan& plan) {
  std::vector<std::pair<StepId, Range>> tasks;
  for (const StepId id : plan.order) tasks.emplace_back(id, Range{0, plan.graph.tasks(id).count});
  return tasks;
}

std::vector<std::string> take_all(const Plan& plan, Scheduler& scheduler) {
  std::vector<std::string> names;
  while (const auto task = scheduler.next()) names.push_back(task_name(plan, *task));
  return names;
}

Plan diamond(const Workspace& space) {
  return WorkflowBuilder()
      .level("session", {"s1", "s2"})
      .level("channel", {"c1", "c2"})
      .step({"split", "session", "x", {}, {}, {}})
      .step({"left", "channel", "x", {"split"}, {}, {}})
      .step({"right", "channel", "x", {"split"}, {}, {}})
      .step({"join", "channel", "x", {"left", "right"}, {}, {}})
      .step({"all", "", "x", {"join"}, {}, {}})
      .build(space.data());
}

}  // namespace

TEST_CASE("tasks become ready when everything below their via node is finished") {
  const Workspace space;
  const Plan plan = diamond(space);
  Scheduler scheduler(plan, all_tasks(plan), {100, 0});
  CHECK(scheduler.total() == 2 + 4 + 4 + 4 + 1);
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"split:s1", "split:s2"});
  scheduler.finished({StepId{0}, 1});
  CHECK(take_all(plan, scheduler) ==
        std::vector<std::string>{"left:s2/c1", "left:s2/c2", "right:s2/c1", "right:s2/c2"});
  scheduler.finished({StepId{1}, 2});
  CHECK(take_all(plan, scheduler).empty());
  scheduler.finished({StepId{2}, 2});
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"join:s2/c1"});
  CHECK(scheduler.remaining() == 15 - 3);
}

TEST_CASE("a task may wait for hundreds of steps") {
  const Workspace space;
  WorkflowBuilder builder;
  std::vector<std::string> names;
  for (int i = 0; i < 256 * 2; ++i) {
    names.push_back("s" + std::to_string(i));
    builder.step({names.back(), "", "x", {}, {}, {}});
  }
  const Plan plan = builder.step({"all", "", "x", names, {}, {}}).build(space.data());
  Scheduler scheduler(plan, all_tasks(plan), {1000, 0});
  CHECK(take_all(plan, scheduler).size() == names.size());
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    CHECK_FALSE(scheduler.next());
    scheduler.finished({StepId{i}, 0});
  }
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"all"});
}

TEST_CASE("a task with pairs waits for its own producers alone") {
  const Workspace space;
  Plan plan = diamond(space);
  // join: s1/c1 waits for s2/c2 and s2/c1, s1/c2 for s2/c2, the others for nobody.
  Edge& edge = plan.graph.edges[3];
  REQUIRE(edge.to == StepId{3});
  set_pairs(plan.graph, edge, {{3, 0}, {2, 0}, {3, 1}});
  Scheduler scheduler(plan, {{StepId{2}, {0, 4}}, {StepId{3}, {0, 4}}}, {100, 0});
  using Names = std::vector<std::string>;
  REQUIRE(edge.from == StepId{2});
  CHECK(
      take_all(plan, scheduler) ==
      Names{
          "right:s1/c1", "right:s1/c2", "right:s2/c1", "right:s2/c2", "join:s2/c1", "join:s2/c2"});
  scheduler.finished({StepId{2}, 3});
  CHECK(take_all(plan, scheduler) == Names{"join:s1/c2"});
  scheduler.finished({StepId{2}, 0});
  CHECK(take_all(plan, scheduler).empty());
  scheduler.finished({StepId{2}, 2});
  CHECK(take_all(plan, scheduler) == Names{"join:s1/c1"});
}

TEST_CASE("of pairs only those within the job are waited for") {
  const Workspace space;
  Plan plan = diamond(space);
  set_pairs(plan.graph, plan.graph.edges[3], {{3, 0}, {1, 0}, {3, 1}});
  // Another job has run `right` at s2/c2, and runs `join` at s2/c1 and s2/c2.
  Scheduler scheduler(plan, {{StepId{2}, {0, 3}}, {StepId{3}, {0, 2}}}, {1, 0});
  using Names = std::vector<std::string>;
  CHECK(take_all(plan, scheduler) == Names{"right:s1/c1"});
  scheduler.release({StepId{2}, 0});
  scheduler.finished({StepId{2}, 0});
  CHECK(take_all(plan, scheduler) == Names{"right:s1/c2"});
  scheduler.release({StepId{2}, 1});
  scheduler.finished({StepId{2}, 1});
  CHECK(scheduler.remaining() == 3);
  CHECK(take_all(plan, scheduler) == Names{"right:s2/c1"});
}

TEST_CASE("every task of a random order of ends is given out once, after its producers") {
  const Workspace space;
  const Plan plan = diamond(space);
  for (unsigned seed = 0; seed < 50; ++seed) {
    Scheduler scheduler(plan, all_tasks(plan), {3, 0});
    std::vector<Task> running;
    std::set<std::pair<StepId, TaskIndex>> done;
    unsigned state = seed * 2654435761U + 1;
    while (scheduler.remaining() > 0) {
      while (const auto task = scheduler.next()) {
        for (const Edge& edge : plan.graph.edges) {
          if (edge.to != task->step) continue;
          const TaskList range = producers(plan.graph, edge, task->index);
          for (const TaskIndex i : range) REQUIRE(done.count({edge.from, i}) == 1);
        }
        running.push_back(*task);
      }
      REQUIRE(!running.empty());
      REQUIRE(running.size() <= 3);
      state = state * 1664525U + 1013904223U;
      const std::size_t chosen = (state >> 8U) % running.size();
      const Task ended = running[chosen];
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(chosen));
      scheduler.release(ended);
      scheduler.finished(ended);
      REQUIRE(done.insert({ended.step, ended.index}).second);
    }
    CHECK(done.size() == scheduler.total());
  }
}

TEST_CASE("cpus, memory and limits bound what runs at once") {
  const Workspace space;
  const auto plan_with = [&](const std::function<void(StepSpec&)>& more) {
    return WorkflowBuilder()
        .level("channel", {"c1", "c2", "c3", "c4", "c5", "c6"})
        .step({"one", "channel", "x", {}, {}, {}, more})
        .build(space.data());
  };
  const auto at_once = [&](const std::function<void(StepSpec&)>& more, Budget budget) {
    const Plan plan = plan_with(more);
    Scheduler scheduler(plan, all_tasks(plan), budget);
    return take_all(plan, scheduler).size();
  };
  CHECK(at_once([](StepSpec& s) { s.resources.cpus = 2; }, {5, 0}) == 2);
  CHECK(at_once([](StepSpec& s) { s.resources.mem_mb = 400; }, {8, 1000}) == 2);
  CHECK(at_once([](StepSpec& s) { s.resources.mem_mb = 400; }, {8, 0}) == 6);
  CHECK(at_once([](StepSpec& s) { s.limit = 3; }, {8, 0}) == 3);
  CHECK(at_once([](StepSpec& s) { s.resources.cpus = 16; }, {8, 0}) == 1);
  CHECK(at_once([](StepSpec& s) { s.resources.mem_mb = 5000; }, {8, 1000}) == 1);

  const Plan greedy = plan_with([](StepSpec& s) { s.resources.cpus = 16; });
  const Scheduler scheduler(greedy, all_tasks(greedy), {8, 0});
  CHECK(scheduler.cpus_of(StepId{0}) == 8);
  CHECK(scheduler.warnings() ==
        std::vector<std::string>{
            "step `one` requests 16 cpus, but there are 8: each task will run alone on 8 cpus"});
}

TEST_CASE("a wide task is not overtaken for ever") {
  const Workspace space;
  std::vector<std::string> names;
  for (int i = 1000; i < 1500; ++i) names.push_back("c" + std::to_string(i));
  const auto wide = [](StepSpec& step) { step.resources.cpus = 2; };
  const Plan plan = WorkflowBuilder()
                        .level("channel", names)
                        .step({"first", "", "x", {}, {}, {}})
                        .step({"wide", "", "x", {"first"}, {}, {}, wide})
                        .step({"thin", "channel", "x", {}, {}, {}})
                        .build(space.data());
  Scheduler scheduler(plan, all_tasks(plan), {2, 0});
  // One cpu or the other is always busy with a thin task when the wide one is looked at.
  std::vector<Task> running;
  std::size_t started = 0;
  while (true) {
    const auto task = scheduler.next();
    if (task && task->step == StepId{1}) break;
    if (task) {
      running.push_back(*task);
      ++started;
      continue;
    }
    REQUIRE(!running.empty());
    scheduler.release(running.front());
    scheduler.finished(running.front());
    running.erase(running.begin());
  }
  CHECK(started > 2);
  CHECK(started < 50);
}

TEST_CASE("a step may be given in several ranges, each task once") {
  const Workspace space;
  Plan plan = diamond(space);
  // The channels of s1 but the second, those of s2 but the first; the last one waits for the first.
  plan.graph.edges.push_back({StepId{3}, StepId{3}, LevelId{1}, EdgeKind::Order});
  set_pairs(plan.graph, plan.graph.edges.back(), {{0, 3}, {1, 3}, {0, 2}});
  Scheduler scheduler(
      plan,
      {{StepId{1}, {0, 1}}, {StepId{1}, {3, 4}}, {StepId{3}, {0, 1}}, {StepId{3}, {3, 4}}},
      {100, 0});
  CHECK(scheduler.total() == 4);
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"left:s1/c1", "left:s2/c2"});
  scheduler.finished({StepId{1}, 3});
  CHECK(take_all(plan, scheduler).empty());
  scheduler.finished({StepId{1}, 0});
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"join:s1/c1"});
  scheduler.finished({StepId{3}, 0});
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"join:s2/c2"});
  scheduler.finished({StepId{3}, 3});
  CHECK(scheduler.remaining() == 0);
  CHECK_THROWS_AS(Scheduler(plan, {{StepId{0}, {0, 2}}, {StepId{0}, {1, 3}}}, {1, 0}),
                  std::invalid_argument);
}

TEST_CASE("a part of a step waits only for producers in its own job") {
  const Workspace space;
  const Plan plan = diamond(space);
  // The channels of s2 with the split of s1 alone: nothing of theirs is here.
  Scheduler scheduler(plan, {{StepId{0}, {0, 1}}, {StepId{1}, {2, 4}}}, {10, 0});
  CHECK(take_all(plan, scheduler) ==
        std::vector<std::string>{"split:s1", "left:s2/c1", "left:s2/c2"});
}

TEST_CASE("tasks that want the job's GPUs, nodes or ranks have it for themselves") {
  const Workspace space;
  Plan plan = diamond(space);
  plan.steps[0].resources.gpus = "1";
  Scheduler scheduler(plan, all_tasks(plan), {8, 0, true});
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"split:s1"});
  scheduler.release({StepId{0}, 0});
  scheduler.finished({StepId{0}, 0});
  CHECK(scheduler.cpus_of(StepId{0}) == 1);
  CHECK(take_all(plan, scheduler) == std::vector<std::string>{"split:s2"});
  // On one machine nobody has given the whole of it to this job.
  Scheduler local(plan, all_tasks(plan), {8, 0});
  CHECK(take_all(plan, local).size() == 2);
}
