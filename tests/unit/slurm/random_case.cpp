// Draws failures; tells what has to run by looking at every task by itself.
#include "tests/unit/slurm/random_case.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {

std::set<TaskKey> random_failures(const wfr::Plan& plan, Chance& chance) {
  std::set<TaskKey> failing;
  const std::uint32_t odds = 3 + chance.below(12);
  for (std::uint32_t s = 0; s < plan.steps.size(); ++s) {
    for (std::uint32_t t = 0; t < plan.graph.instances[s].count; ++t) {
      if (chance.one_in(odds)) failing.insert({s, t});
    }
  }
  return failing;
}

// Some of the failures of the steps that climb are for want of memory.
std::map<TaskKey, std::uint32_t> random_cures(const wfr::Plan& plan,
                                              const std::set<TaskKey>& failing,
                                              Chance& chance) {
  std::map<TaskKey, std::uint32_t> cured;
  for (const TaskKey& task : failing) {
    if (plan.steps[task.first].retry.times == 0 || chance.one_in(3)) continue;
    cured[task] = 2 + chance.below(3);
  }
  return cured;
}

bool succeeds(const wfr::Plan& plan, const Faults& faults, TaskKey task) {
  if (faults.failing.count(task) == 0) return true;
  const auto cured = faults.cured.find(task);
  return cured != faults.cured.end() && cured->second <= plan.steps[task.first].retry.times + 1;
}

namespace {

// Adds every task that may run by now.
void add_ready(const wfr::Plan& plan,
               const Faults& faults,
               const std::set<TaskKey>& lost,
               std::set<TaskKey>& ran) {
  for (const StepId id : plan.order) {
    for (std::uint32_t t = 0; t < plan.graph.tasks(id).count; ++t) {
      const TaskKey task{static_cast<std::uint32_t>(id), t};
      bool ready = lost.count(task) == 0;
      for (const wfr::Edge& edge : plan.graph.edges) {
        if (edge.to != id) continue;
        for (const wfr::TaskIndex producer : producers(plan.graph, edge, t)) {
          const TaskKey key{static_cast<std::uint32_t>(edge.from), producer};
          ready = ready && ran.count(key) != 0 && succeeds(plan, faults, key);
        }
      }
      if (ready) ran.insert(task);
    }
  }
}

}  // namespace

std::set<TaskKey> expected(const wfr::Plan& plan,
                           const Faults& faults,
                           const std::set<TaskKey>& lost) {
  std::set<TaskKey> ran;
  // Until nothing is added: tasks of one step may wait for each other.
  for (bool more = true; more;) {
    const std::size_t before = ran.size();
    add_ready(plan, faults, lost, ran);
    more = ran.size() > before;
  }
  return ran;
}

RandomCase::RandomCase(std::uint32_t seed, bool ladder)
    : chance(seed), example(random_workflow(chance)) {
  if (ladder) climb_somewhere();
  Sink sink;
  plan = example.lower(random_partition(example, chance), sink);
  REQUIRE_FALSE(sink.has_errors());
  faults.failing = random_failures(plan, chance);
  faults.losses = !ladder && chance.one_in(3);
  if (ladder) faults.cured = random_cures(plan, faults.failing, chance);
}

void RandomCase::climb_somewhere() {
  for (StepDef& step : example.workflow.steps) {
    if (!chance.one_in(2)) continue;
    step.spec.resources.mem_mb = 100;
    step.spec.retry = {1 + chance.below(3), {}, 200, 0};
  }
}

}  // namespace wfc::test
