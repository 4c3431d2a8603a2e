// `[jobs] split` where the site takes it, where it takes less, and where it takes nothing at all.
#include "compiler/slurm/split_to_fit.hpp"

#include "compiler/slurm/split_notes.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

// a each session, b each channel of it, c a gather of them, d of all sessions. With the verdict it
// needs five calls, and three more for each further part.
struct Gathers {
  Gathers() : example(4, 3) {
    const StepId a = example.step("a", kSession);
    const StepId b = example.step("b", kChannel);
    const StepId c = example.step("c", kSession);
    const StepId d = example.step("d", wfr::kRootLevel);
    example.edge(a, b, kSession);
    example.edge(b, c, kSession);
    example.edge(c, d, wfr::kRootLevel);
    example.workflow.jobs.split = kSession;
  }
  JobGraph fitted(Sink& heard) { return partition_to_fit(example.workflow, example.graph, heard); }
  std::string lowered() {
    sink = Sink();
    return describe(example.lower(fitted(sink), sink));
  }
  std::string said() const {
    std::string text;
    for (const Diagnostic& diagnostic : sink.all()) {
      text += kind_code(diagnostic.kind) + " " + diagnostic.message + " / " + diagnostic.help;
    }
    return text;
  }
  Example example;
  Sink sink;
};

const char* const kEach =
    "01-a: 0\n01-a.1: 0 from 1\n01-a.2: 0 from 2\n01-a.3: 0 from 3\n"
    "02-b: 0-2 afterok:01-a\n02-b.1: 0-2 from 3 afterok:01-a.1\n"
    "02-b.2: 0-2 from 6 afterok:01-a.2\n02-b.3: 0-2 from 9 afterok:01-a.3\n"
    "03-c: 0 afterok:02-b\n03-c.1: 0 from 1 afterok:02-b.1\n"
    "03-c.2: 0 from 2 afterok:02-b.2\n03-c.3: 0 from 3 afterok:02-b.3\n"
    "04-d: plain afterok:03-c afterok:03-c.1 afterok:03-c.2 afterok:03-c.3\n";
const char* const kThreeParts =
    "01-a: 0\n01-a.1: 0 from 1\n01-a.2: 0-1 from 2\n"
    "02-b: 0-2 afterok:01-a\n02-b.1: 0-2 from 3 afterok:01-a.1\n"
    "02-b.2: 0-5 from 6 afterany:01-a.2\n"
    "03-c: 0 afterok:02-b\n03-c.1: 0 from 1 afterok:02-b.1\n"
    "03-c.2: 0-1 from 2 afterany:02-b.2\n"
    "04-d: plain afterok:03-c afterok:03-c.1 afterok:03-c.2\n";
const char* const kTwoParts =
    "01-a: 0-1\n01-a.1: 0-1 from 2\n"
    "02-b: 0-5 afterany:01-a\n02-b.1: 0-5 from 6 afterany:01-a.1\n"
    "03-c: 0-1 afterany:02-b\n03-c.1: 0-1 from 2 afterany:02-b.1\n"
    "04-d: plain afterok:03-c afterok:03-c.1\n";
const char* const kOnePart =
    "01-a: 0-3\n02-b: 0-11 afterany:01-a\n03-c: 0-3 afterany:02-b\n04-d: plain afterok:03-c\n";

}  // namespace

TEST_CASE("a split is as fine as the calls of sbatch allow") {
  Gathers gathers;
  std::uint64_t& most = gathers.example.workflow.site.max_submissions;
  most = 14;  // with the verdict
  CHECK(gathers.lowered() == kEach);
  CHECK(gathers.said().empty());
  CHECK(gathers.fitted(gathers.sink).notes.back().text ==
        "each `session` directory has job arrays of its own, 14 calls of sbatch in all");
  most = 13;
  CHECK(gathers.lowered() == kThreeParts);
  CHECK(gathers.said() ==
        "WFC4032 up to 2 `session` directories share job arrays: with arrays for each the workflow "
        "needs 14 sbatch calls, but at most 13 are allowed on site `test` / use `per` instead, or "
        "raise "
        "`max_submissions` of `[site.test.limits]`");
  most = 11;
  CHECK(gathers.lowered() == kThreeParts);
  most = 10;
  CHECK(gathers.lowered() == kTwoParts);
  most = 8;
  CHECK(gathers.lowered() == kTwoParts);
  most = 7;
  CHECK(gathers.lowered() == kOnePart);
  CHECK(gathers.said().find("WFC4032 all 4 `session` directories share job arrays: ") == 0);
  most = 5;
  CHECK(gathers.lowered() == kOnePart);
}

TEST_CASE("what is too much without a split is reported as it is without") {
  Gathers gathers;
  gathers.example.workflow.site.max_submissions = 4;
  gathers.lowered();
  CHECK(gathers.said() ==
        "WFC4007 the workflow needs 5 sbatch calls, but at most 4 are allowed (arrays of at most "
        "1001 on site `test`) / the workflow has 4 steps: `fuse = true` in [jobs] lets chains of "
        "them share jobs, and so does `per`; or raise `max_submissions` of `[site.test.limits]`");
}

TEST_CASE("finalizers and later passes are calls of sbatch too") {
  Gathers gathers;
  Example& example = gathers.example;
  example.finalizer("mail", wfr::FinalizerKind::Always);
  StepDef& sort = example.workflow.steps[1];
  sort.spec.resources.mem_mb = 100;
  sort.spec.retry = {2, {}, 200, 0};
  // Two passes more of b, and of c and d after it.
  Sink sink;
  example.workflow.site.max_submissions = 14 + 1 + 6;
  CHECK(example.lower(gathers.fitted(sink), sink).arrays.size() == 13 + 6);
  CHECK(sink.all().empty());
  example.workflow.site.max_submissions = 14 + 1 + 5;
  CHECK(example.lower(gathers.fitted(sink), sink).arrays.size() == 10 + 6);
  CHECK(gathers.fitted(sink).split.parts == 3);
}

TEST_CASE("a split that makes too many jobs of small packs gives way as well") {
  Gathers gathers;
  Example& example = gathers.example;
  example.workflow.jobs.pack = 6;
  // One pack of sessions and two of channels without a split; with it one of each a session.
  Sink sink;
  CHECK(gathers.fitted(sink).maps.back().blocks() == 4);
  example.workflow.site.max_submit_jobs = 13;
  CHECK(gathers.lowered().find("04-d") != std::string::npos);
  CHECK(gathers.said() ==
        "WFC4032 up to 2 `session` directories share job arrays: with arrays for each the workflow "
        "makes "
        "14 jobs, but site `test` takes 13 / use `per` instead, or raise `max_submissions` of "
        "`[site.test.limits]`");
  CHECK(gathers.fitted(sink).maps.back().blocks() == 3);
}

namespace {

// What note_splits() has to say of the workflow as it stands.
std::string advice(Example& example) {
  Sink sink;
  const wfr::Plan plan =
      example.lower(partition_to_fit(example.workflow, example.graph, sink), sink);
  REQUIRE(sink.all().empty());
  std::vector<PassNote> notes;
  note_splits(example.workflow, plan, notes);
  std::string text;
  for (const PassNote& note : notes) text += note.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("a split that would let each directory go on by itself is named") {
  Gathers gathers;
  Example& example = gathers.example;
  example.workflow.jobs.split.reset();
  const std::string both =
      "`02-b` waits for all of `01-a`: `[jobs] split = \"session\"` would let each `session` "
      "directory go on by itself, 14 calls of sbatch instead of 5\n"
      "`03-c` waits for all of `02-b`: `[jobs] split = \"session\"` would let each `session` "
      "directory go on by itself, 14 calls of sbatch instead of 5\n";
  CHECK(advice(example) == both);
  SECTION("chunks wait alike") {
    example.workflow.site.max_array_size = 3;
    const std::string text = advice(example);
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  }
  SECTION("who takes it gets what was said") {
    example.workflow.jobs.split = kSession;
    CHECK(advice(example).empty());
    CHECK(use_with_split(example.workflow, example.graph, {kSession})->submissions == 14);
  }
  SECTION("not where the site does not take it") {
    example.workflow.site.max_submissions = 13;
    CHECK(advice(example).empty());
  }
  SECTION("not where one directory has all of it") {
    std::vector<bool> keep(12, false);
    keep[7] = true;
    example.only(StepId{1}, keep);
    // c waits for b with afterany still: three of its four sessions gather nothing.
    CHECK(advice(example).find("`03-c` waits for all of `02-b`") == std::string::npos);
  }
}

TEST_CASE("no split is named where tasks wait for their own directory, or for everything") {
  Example example(4, 20);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kChannel);
  SECTION("own") {
    example.edge(a, b, kChannel);
    example.edge(b, c, kChannel);
    CHECK(advice(example).empty());
  }
  SECTION("everything") {
    example.edge(a, b, wfr::kRootLevel);
    example.pairs(b, c, {{0, 70}, {70, 0}});
    CHECK(advice(example).empty());
  }
  SECTION("a diamond of long arrays, which waits for whole arrays for want of parentheses") {
    const StepId d = example.step("d", kChannel);
    example.edge(a, b, kChannel);
    example.edge(a, c, kChannel);
    example.edge(b, d, kChannel);
    example.edge(c, d, kChannel);
    CHECK(advice(example).empty());
  }
  SECTION("all channels of the session") {
    example.edge(a, b, kSession);
    CHECK(advice(example).find("`02-b` waits for all of `01-a`: `[jobs] split = \"session\"`") ==
          0);
  }
}

TEST_CASE("channels of a thousand sessions, that the site does not take one by one") {
  Example example(1000, 100);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kChannel);
  const StepId d = example.step("d", kSession);
  const StepId e = example.step("e", wfr::kRootLevel);
  example.edge(a, b, kChannel);
  example.edge(b, c, kChannel);
  example.edge(c, d, kSession);
  example.edge(d, e, wfr::kRootLevel);
  std::vector<bool> keep(100000, true);
  keep[5] = false;
  for (const StepId step : {a, b, c}) example.only(step, keep);
  example.workflow.jobs.split = kSession;
  Sink sink;
  JobGraph jobs = partition_to_fit(example.workflow, example.graph, sink);
  CHECK_FALSE(sink.has_errors());
  CHECK(jobs.split.parts > 1);
  CHECK(queue_use(example.lower(std::move(jobs), sink)).submissions <= 200);
}

}  // namespace wfc::test
