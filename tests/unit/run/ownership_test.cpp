// What records say that a task owns, with real processes and directories.
#include "runtime/run/ownership.hpp"

#include "runtime/run/job.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace fs = std::filesystem;

namespace {

Slot slot_of(const Plan& plan, const Workspace& space, const std::string& step) {
  const StepId id = plan.find_step(step);
  const StatePaths state = state_paths(space.out(), plan.hash);
  return SlotFile(state.slots(plan.step(id)), plan.graph.tasks(id).count, false).read(0);
}

std::vector<std::string> owned_by(const Plan& plan,
                                  const Workspace& space,
                                  const std::string& step) {
  LogReader records(state_paths(space.out(), plan.hash).log_dir());
  return owned_paths(records, slot_of(plan, space, step));
}

}  // namespace

TEST_CASE("a task owns what it has made") {
  Workspace space;
  const Plan plan =
      WorkflowBuilder()
          .level("s", {"a"})
          .step(
              {"one", "s", "mkdir -p {outputs}/x/empty && echo > {outputs}/x/y", {}, {}, {"res/"}})
          .step({"two", "s", "echo > {outputs}", {}, {}, {"sub/t.txt"}})
          .step({"three", "s", "echo > b.csv; echo > c.csv", {}, {}, {"*.csv"}})
          .build(space.data());
  REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  CHECK(owned_by(plan, space, "one") ==
        std::vector<std::string>{"res/", "res/x/", "res/x/empty/", "res/x/y"});
  CHECK(owned_by(plan, space, "two") == std::vector<std::string>{"sub/t.txt"});
  CHECK(owned_by(plan, space, "three") == std::vector<std::string>{"b.csv", "c.csv"});
}
