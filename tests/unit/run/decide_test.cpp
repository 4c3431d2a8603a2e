// The one answer to what is done, stale, blocked or would run. Seen to fail: with steps decided
// before their producers, and with `after` taken for something that is read.
#include "runtime/run/decide.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/look_pool.hpp"
#include "runtime/run/look_progress.hpp"
#include "runtime/run/touch.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace fs = std::filesystem;

namespace {

constexpr StepId kOne{0};
constexpr StepId kTwo{1};
constexpr StepId kAll{2};

// one -> two -> all, by channel, channel and session.
class Chain {
 public:
  explicit Chain(bool run = true, std::size_t channels = 3) {
    std::vector<std::string> names;
    for (std::size_t c = 0; c < channels; ++c) names.push_back("c" + std::to_string(100 + c));
    plan = WorkflowBuilder()
               .level("session", {"s1", "s2"})
               .level("channel", names)
               .step({"one", "channel", "cp {inputs} {outputs}", {}, {"in.txt"}, {"one.txt"}})
               .step({"two", "channel", "cp {needs.one} {outputs}", {"one"}, {}, {"two.txt"}})
               .step({"all", "session", "cat {needs.two} > {outputs}", {"two"}, {}, {"all.txt"}})
               .build(space.data());
    for (TaskIndex i = 0; i < plan.graph.tasks(kOne).count; ++i) write_text(input(i), "first\n");
    if (run) REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  }
  [[nodiscard]] fs::path input(TaskIndex i) const {
    return space.data() / task_directory(plan, {kOne, i}) / "in.txt";
  }
  [[nodiscard]] fs::path output(StepId step, TaskIndex i) const {
    return space.data() / task_outputs(plan, {step, i})[0].path;
  }
  [[nodiscard]] Decision decision(const DecideOptions& options = {}) const {
    return decide(plan, space.out(), state_paths(space.out(), plan.hash), options);
  }
  [[nodiscard]] std::vector<std::string> reasons(const Decision& decision, Task task) const {
    return reasons_of(plan, space.out(), state_paths(space.out(), plan.hash), decision, task);
  }
  // A letter a task: . up to date, r runs, b blocked, l live.
  [[nodiscard]] std::string fates(const DecideOptions& options = {}) const {
    const Decision found = decision(options);
    std::string text;
    for (std::uint32_t s = 0; s < plan.steps.size(); ++s) {
      for (TaskIndex i = 0; i < plan.graph.tasks(StepId{s}).count; ++i) {
        text += std::string(".rbl")[static_cast<std::size_t>(found.fate({StepId{s}, i}))];
      }
      text += ' ';
    }
    return text;
  }
  Workspace space;
  Plan plan;
};

}  // namespace

TEST_CASE("nothing is looked at that was never done, and all of it would run") {
  const Chain chain(false);
  std::uint64_t told = 0;
  DecideOptions options;
  options.on_progress = [&](std::uint64_t, std::uint64_t total) { told += total; };
  CHECK(chain.fates(options) == "rrrrrr rrrrrr rr ");
  CHECK(told == 0);
  CHECK(chain.decision().steps[0].of(Cause::NotRun) == 6);
  CHECK(chain.reasons(chain.decision(), {kTwo, 0}) ==
        std::vector<std::string>{"`one` runs before it"});
}

TEST_CASE("what is done and as it was is up to date; what has changed takes its readers along") {
  const Chain chain;
  CHECK(chain.fates() == "...... ...... .. ");
  write_text(chain.input(1), "something else\n");
  CHECK(chain.fates() == ".r.... .r.... r. ");
  fs::remove(chain.output(kTwo, 4));
  CHECK(chain.fates() == ".r.... .r..r. rr ");
  const Decision decision = chain.decision();
  CHECK(decision.cause({kOne, 1}) == Cause::Changed);
  CHECK(decision.cause({kTwo, 1}) == Cause::Producer);
  CHECK(decision.cause({kTwo, 4}) == Cause::OutputGone);
  CHECK(decision.steps[0].stale() == 1);
  CHECK(decision.steps[1].stale() == 2);
  CHECK(decision.of(Fate::Runs) == 5);
  CHECK(decision.of(Fate::UpToDate) == 9);
  CHECK(decision.steps[1].example == 1);
  CHECK(chain.reasons(decision, {kOne, 1}) ==
        std::vector<std::string>{"input `s1/c101/in.txt` changed"});
  CHECK(chain.reasons(decision, {kAll, 0}) == std::vector<std::string>{"`two` runs before it"});
}

TEST_CASE("the records alone know nothing of the files") {
  const Chain chain;
  write_text(chain.input(1), "something else\n");
  DecideOptions options;
  options.trust_records = true;
  CHECK(chain.fates(options) == "...... ...... .. ");
  CHECK(chain.decision(options).trusted);
}

TEST_CASE("a missing input blocks what is done and all that reads it") {
  const Chain chain;
  fs::remove(chain.input(5));
  CHECK(chain.fates() == ".....b .....b .b ");
  const Decision decision = chain.decision();
  CHECK(
      chain.reasons(decision, {kOne, 5}) ==
      std::vector<std::string>{"the input `s2/c102/in.txt` does not exist, and no step makes it"});
  CHECK(chain.reasons(decision, {kTwo, 5}) == std::vector<std::string>{"`one:s2/c102` is blocked"});
}

TEST_CASE("steps that are not asked about have to be done") {
  const Chain fresh(false);
  Selection only(fresh.plan.steps.size());
  only.add_all(kTwo, 6);
  DecideOptions options;
  options.only = &only;
  CHECK(fresh.fates(options) == "...... bbbbbb .. ");
  CHECK(fresh.decision(options).of(Fate::UpToDate) == 0);
  const Chain chain;
  fs::remove(chain.output(kTwo, 2));
  CHECK(chain.fates(options) == "...... ..r... .. ");
}

TEST_CASE("what one task depends on is enough to decide about it") {
  const Chain chain;
  write_text(chain.input(0), "something else\n");
  write_text(chain.input(4), "something else\n");
  const Selection only = what_decides(chain.plan, {kAll, 1});
  CHECK(only.size() == 3 + 3 + 1);
  DecideOptions options;
  options.only = &only;
  CHECK(chain.fates(options) == "....r. ....r. .r ");
}

TEST_CASE("tasks of live jobs are theirs, and what reads them runs after them") {
  const Chain chain;
  write_text(chain.input(1), "something else\n");
  DecideOptions options;
  options.live = [](Task task) { return task.step == kOne; };
  CHECK(chain.fates(options) == ".l.... .r.... r. ");
  CHECK(chain.reasons(chain.decision(options), {kTwo, 1}) ==
        std::vector<std::string>{"`one` is in Slurm's queue"});
}

TEST_CASE("what only comes before changes no result") {
  Chain chain;
  for (Edge& edge : chain.plan.graph.edges) {
    if (edge.to == kAll) edge.kind = EdgeKind::Order;
  }
  REQUIRE(run_job(chain.plan, whole_job(chain.plan, chain.space.out())).complete());
  write_text(chain.input(1), "something else\n");
  CHECK(chain.fates() == ".r.... .r.... .. ");
  // And the run does just that.
  CHECK(run_job(chain.plan, whole_job(chain.plan, chain.space.out())).progress.up_to_date == 12);
}

TEST_CASE("a copy differs in times alone; what else has changed is not among that") {
  const Chain chain;
  const auto later = [](const fs::path& file) {
    fs::last_write_time(file, fs::last_write_time(file) + std::chrono::hours(1));
  };
  // As `cp -r` leaves it: of the second session everything, of the first nothing.
  for (TaskIndex i = 3; i < 6; ++i) {
    later(chain.input(i));
    later(chain.output(kOne, i));
    later(chain.output(kTwo, i));
  }
  later(chain.output(kAll, 1));
  CHECK(chain.fates() == "...rrr ...rrr .r ");
  Decision decision = chain.decision();
  CHECK(decision.of(Cause::Times) + decision.of(Cause::ProducerTimes) == 7);
  CHECK(times_text(decision, "wfc touch w.toml --times") ==
        "7 tasks differ only in the times of their files; to accept them as they are: wfc touch "
        "w.toml --times\n");
  CHECK(times_text(decision, "") == "7 tasks differ only in the times of their files\n");
  CHECK(chain.reasons(decision, {kOne, 3}) ==
        std::vector<std::string>{"only the times of its inputs or outputs changed",
                                 "input `s2/c100/in.txt` changed"});
  write_text(chain.input(4), "something else\n");
  write_text(chain.output(kTwo, 5), "an edited result\n");
  decision = chain.decision();
  CHECK(decision.cause({kOne, 3}) == Cause::Times);
  CHECK(decision.cause({kOne, 4}) == Cause::Changed);
  CHECK(decision.cause({kTwo, 4}) == Cause::Producer);
  CHECK(decision.cause({kTwo, 5}) == Cause::OutputChanged);
  CHECK(decision.cause({kAll, 1}) == Cause::Producer);

  Selection times(chain.plan.steps.size());
  std::vector<TouchRequest> requests;
  for (const StepId step : chain.plan.order) {
    const std::uint32_t count = chain.plan.graph.tasks(step).count;
    requests.push_back({step, {0, count}, false});
    for (TaskIndex i = 0; i < count; ++i) {
      if (only_times(decision.cause({step, i}))) times.add({step, i}, count);
    }
  }
  CHECK(touch(chain.plan, chain.space.out(), requests, &times).recorded == 3);
  CHECK(chain.fates() == "....r. ....rr .r ");
}

TEST_CASE("many results are looked at by many threads") {
  const Chain chain(true, 200);
  std::uint64_t last = 0;
  DecideOptions options;
  options.on_progress = [&](std::uint64_t looked, std::uint64_t total) {
    CHECK(total == 802);
    CHECK(looked >= last);
    last = looked;
  };
  write_text(chain.input(77), "something else\n");
  write_text(chain.input(399), "something else\n");
  const std::string fates = chain.fates(options);
  CHECK(last == 802);
  CHECK(std::count(fates.begin(), fates.end(), 'r') == 6);
  CHECK(fates[77] == 'r');
  CHECK(fates[399] == 'r');
}

TEST_CASE("a pool calls each once, and passes on what is thrown") {
  LookPool pool;
  for (const std::size_t count : {0U, 1U, 7U, 5000U}) {
    std::vector<std::atomic<int>> calls(count);
    std::size_t told = 0;
    pool.each(
        count, [&](std::size_t i) { ++calls[i]; }, [&](std::size_t finished) { told = finished; });
    CHECK(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
    CHECK(told == count);
  }
  const auto thrower = [](std::size_t i) {
    if (i == 40) throw std::runtime_error("no");
  };
  CHECK_THROWS_AS(pool.each(100, thrower, [](std::size_t) {}), std::runtime_error);
  pool.each(
      100, [](std::size_t) {}, [](std::size_t) {});
}

TEST_CASE("how many results are looked at, for a person") {
  CHECK(look_progress_text(0, 7) == "looking at 0 of 7 results");
  CHECK(look_progress_text(120'000, 1'000'000) == "looking at 120,000 of 1,000,000 results");
}
