// What records say that a task owns, with real processes and directories.
#include "runtime/run/ownership.hpp"

#include "runtime/run/job.hpp"
#include "runtime/run/occupied.hpp"
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

Occupied occupied_now(const Plan& plan, const Workspace& space) {
  const StatePaths state = state_paths(space.out(), plan.hash);
  return find_occupied(plan, space.out(), state, decide(plan, space.out(), state, {}));
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

TEST_CASE("what is in the places of outputs is found over all tasks, set aside or replaced") {
  Workspace space;
  const Plan plan =
      WorkflowBuilder()
          .level("s", {"a", "b", "c"})
          .step({"one", "s", "echo new > {outputs}", {}, {}, {"x.txt"}})
          .step({"two", "s", "mkdir {outputs}; echo new > {outputs}/y", {}, {}, {"d/"}})
          .build(space.data());
  CHECK(occupied_now(plan, space).places.empty());
  write_text(space.data() / "a/x.txt", "theirs");
  write_text(space.data() / "b/d/z", "theirs");
  const Occupied found = occupied_now(plan, space);
  CHECK(found.tasks == 2);
  CHECK_FALSE(found.all_there);
  REQUIRE(found.places.size() == 2);
  CHECK(found.places[0].foreign == std::vector<std::string>{space.data() / "a/x.txt"});
  CHECK(occupied_text(plan, found, {"T", "S", "R"}).find("2 files are in the place of") == 0);
  const JobResult refused = run_job(plan, whole_job(plan, space.out()));
  CHECK(refused.progress.failed == 2);
  CHECK(refused.failures.at(0).kind == FailureKind::Occupied);
  CHECK(refused.failures.at(0).message.find("--set-aside") != std::string::npos);
  CHECK(read_text(space.data() / "a/x.txt") == "theirs");

  SECTION("set aside") {
    set_aside(occupied_now(plan, space));
    CHECK(read_text(space.data() / "a/x.txt.before-wfc") == "theirs");
    CHECK(read_text(space.data() / "b/d.before-wfc/z") == "theirs");
    write_text(space.data() / "a/x.txt", "again");
    set_aside(occupied_now(plan, space));
    CHECK(read_text(space.data() / "a/x.txt.before-wfc-2") == "again");
  }
  SECTION("replace") {
    own_to_replace(plan, space.out(), occupied_now(plan, space));
    CHECK(read_text(space.data() / "a/x.txt") == "theirs");
  }
  CHECK(occupied_now(plan, space).places.empty());
  CHECK(run_job(plan, whole_job(plan, space.out())).complete());
  CHECK(read_text(space.data() / "a/x.txt") == "new\n");
  CHECK(fs::exists(space.data() / "b/d/y"));
  CHECK_FALSE(fs::exists(space.data() / "b/d/z"));
}

TEST_CASE("that the out directory was removed is told from all outputs being there") {
  Workspace space;
  const Plan plan = WorkflowBuilder()
                        .level("s", {"a", "b"})
                        .step({"one", "s", "echo new > {outputs}", {}, {}, {"x.txt"}})
                        .build(space.data());
  REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  CHECK(occupied_now(plan, space).places.empty());
  fs::remove_all(space.out());
  CHECK(occupied_now(plan, space).all_there);
}
