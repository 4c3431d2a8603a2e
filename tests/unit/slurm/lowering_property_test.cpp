// A task runs if and only if all its own producers have succeeded, whatever the partition: random
// workflows and random partitions, lowered and run by a model of Slurm, against every task by
// itself.
#include "compiler/slurm/split_to_fit.hpp"
#include "tests/unit/slurm/random_case.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace wfc::test {
namespace {

constexpr std::uint32_t kCases = 1000;

bool is_right(RandomCase& random) {
  const Outcome outcome = random.run();
  return !outcome.stuck && outcome.ran == expected(random.plan, random.faults, outcome.lost);
}

std::uint32_t wrong_cases(wfr::Dep instead_of, wfr::Dep kind) {
  std::uint32_t wrong = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    RandomCase random(seed);
    for (wfr::JobArray& array : random.plan.arrays) {
      for (wfr::Dependency& wait : array.after) {
        if (wait.kind == instead_of) wait.kind = kind;
      }
    }
    if (!is_right(random)) ++wrong;
  }
  return wrong;
}

}  // namespace

TEST_CASE("a task runs if and only if its producers have succeeded, whatever the partition") {
  std::uint32_t kinds[4] = {};
  std::uint32_t clusters = 0;      // families of free sets of directories
  std::uint32_t by_depth[4] = {};  // of these between depths of one step
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    RandomCase random(seed);
    for (const wfr::JobArray& array : random.plan.arrays) {
      for (const wfr::Dependency& wait : array.after) {
        ++kinds[static_cast<int>(wait.kind)];
        const bool own = random.plan.arrays[wfr::index_of(wait.on)].family == array.family;
        if (own && array.depth) ++by_depth[static_cast<int>(wait.kind)];
      }
      // Slurm takes a mixture of `or` and `and` for `or` alone.
      const bool either =
          std::any_of(array.after.begin(), array.after.end(), [](const wfr::Dependency& wait) {
            return wait.kind == wfr::Dep::AfterCorrOrAny;
          });
      REQUIRE((!either || array.after.size() == 1));
    }
    for (const wfr::Family& family : random.plan.families) {
      if (!random.plan.maps[family.block_map].order.empty()) ++clusters;
    }
    const Outcome outcome = random.run();
    INFO("seed " << seed << "\n" << describe(random.plan));
    REQUIRE_FALSE(outcome.stuck);
    // Where somebody cancels an array, the one that is next takes its turn.
    REQUIRE((!outcome.over_limit || random.faults.losses));
    REQUIRE(outcome.ran == expected(random.plan, random.faults, outcome.lost));
  }
  // Each kind is well represented.
  for (const std::uint32_t count : kinds) CHECK(count > 50);
  for (const std::uint32_t count : by_depth) CHECK(count > 5);
  CHECK(clusters > 100);
}

TEST_CASE("so it is where directories share arrays because the site takes no more of them") {
  std::uint32_t shared = 0;  // by some of them
  std::uint32_t whole = 0;   // by all
  std::uint32_t refused = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    Chance chance(seed);
    Example example = random_workflow(chance);
    example.workflow.jobs.split = LevelId{static_cast<std::uint16_t>(1 + chance.below(2))};
    if (chance.one_in(3)) example.workflow.jobs.pack = 2 + chance.below(3);
    example.workflow.site.max_submissions = 4 + chance.below(16);
    Sink sink;
    const JobGraph jobs = partition_to_fit(example.workflow, example.graph, sink);
    REQUIRE_FALSE(sink.has_errors());
    const wfr::Plan plan = example.lower(jobs, sink);
    INFO("seed " << seed << "\n" << describe(plan));
    if (sink.has_errors()) {
      // Then it is too much without a split too, and that is what was tried.
      ++refused;
      REQUIRE_FALSE(jobs.split.level);
      REQUIRE(sink.all().front().kind != Kind::SplitToFit);
      continue;
    }
    const bool said = std::any_of(sink.all().begin(), sink.all().end(), [](const auto& one) {
      return one.kind == Kind::SplitToFit;
    });
    REQUIRE(said ==
            (!jobs.split.level || jobs.split.parts < std::numeric_limits<std::uint32_t>::max()));
    if (said) ++(jobs.split.level ? shared : whole);
    const Faults faults{random_failures(plan, chance), {}, chance.one_in(3)};
    const Outcome outcome =
        run_model(plan, example.workflow.site.correspond_after_task_cnt, faults, chance);
    REQUIRE_FALSE(outcome.stuck);
    REQUIRE(outcome.ran == expected(plan, faults, outcome.lost));
  }
  CHECK(shared > 50);
  CHECK(whole > 50);
  CHECK(refused > 20);
}

TEST_CASE("later passes mend what they can, and all that needs it runs") {
  std::uint32_t mended = 0;
  std::uint32_t again = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    RandomCase random(seed, true);
    const Outcome outcome = random.run();
    INFO("seed " << seed << "\n" << describe(random.plan));
    REQUIRE_FALSE(outcome.stuck);
    REQUIRE_FALSE(outcome.twice);
    REQUIRE_FALSE(outcome.over_limit);
    REQUIRE(outcome.ran == expected(random.plan, random.faults, {}));
    for (const auto& [task, pass] : random.faults.cured) {
      if (succeeds(random.plan, random.faults, task) && outcome.ran.count(task) != 0) ++mended;
    }
    // No job of the first pass waits for one of a later.
    for (const wfr::JobArray& array : random.plan.arrays) {
      if (array.repeats()) ++again;
      for (const wfr::Dependency& wait : array.after) {
        REQUIRE(random.plan.arrays[wfr::index_of(wait.on)].pass <= array.pass);
      }
    }
  }
  CHECK(mended > 300);
  CHECK(again > 500);
}

TEST_CASE("the model tells a later pass that waits for too little") {
  std::uint32_t wrong = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    RandomCase random(seed, true);
    for (wfr::JobArray& array : random.plan.arrays) {
      if (array.repeats() && !array.after.empty()) array.after.pop_back();
    }
    const Outcome outcome = random.run();
    if (outcome.twice || outcome.ran != expected(random.plan, random.faults, {})) ++wrong;
  }
  CHECK(wrong > 10);
}

TEST_CASE("the model tells a depth that does not wait for the one before it") {
  std::uint32_t wrong = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    RandomCase random(seed);
    for (wfr::JobArray& array : random.plan.arrays) {
      if (!array.depth) continue;
      array.after.erase(std::remove_if(array.after.begin(),
                                       array.after.end(),
                                       [&](const wfr::Dependency& wait) {
                                         return random.plan.arrays[wfr::index_of(wait.on)].family ==
                                                array.family;
                                       }),
                        array.after.end());
    }
    if (!is_right(random)) ++wrong;
  }
  CHECK(wrong > 10);
}

TEST_CASE("the model tells a success dependency too many from a right one") {
  CHECK(wrong_cases(wfr::Dep::AfterCorrOrAny, wfr::Dep::AfterCorr) > 10);
  CHECK(wrong_cases(wfr::Dep::AfterAny, wfr::Dep::AfterOk) > 10);
  CHECK(wrong_cases(wfr::Dep::AfterAny, wfr::Dep::AfterCorrOrAny) > 10);
}

}  // namespace wfc::test
