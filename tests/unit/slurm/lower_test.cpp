// Job arrays and their dependencies.
#include "compiler/slurm/index_list.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

std::string lowered(Example& example) {
  Sink sink;
  const wfr::Plan plan = example.lower(sink);
  for (const Diagnostic& diagnostic : sink.all()) UNSCOPED_INFO(diagnostic.message);
  REQUIRE_FALSE(sink.has_errors());
  return describe(plan);
}

}  // namespace

TEST_CASE("a chain below one level corresponds, directory by directory") {
  Example example(2, 3);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  example.edge(a, b, kChannel);
  CHECK(lowered(example) == "01-a: 0-5\n02-b: 0-5 aftercorr:01-a\n");
}

TEST_CASE("a gather of some producers waits for the whole array and is gated") {
  Example example(2, 3);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kSession);
  const StepId c = example.step("c", wfr::kRootLevel);
  example.edge(a, b, kSession);
  example.edge(b, c, wfr::kRootLevel);
  CHECK(lowered(example) == "01-a: 0-5\n02-b: 0-1 afterany:01-a\n03-c: plain afterok:02-b\n");
}

TEST_CASE("an ancestor's failure blocks only its own descendants") {
  Example example(2, 3);
  const StepId a = example.step("a", kSession);
  const StepId b = example.step("b", kChannel);
  example.edge(a, b, kSession);
  CHECK(lowered(example) == "01-a: 0-1\n02-b: 0-5 afterany:01-a\n");
}

TEST_CASE("with `split` each directory has arrays of its own, which wait for no other's") {
  Example example(2, 3);
  const StepId a = example.step("a", kSession);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kSession);
  const StepId d = example.step("d", wfr::kRootLevel);
  example.edge(a, b, kSession);
  example.edge(b, c, kSession);
  example.edge(c, d, wfr::kRootLevel);
  example.workflow.jobs.split = kSession;
  CHECK(lowered(example) ==
        "01-a: 0\n01-a.1: 0 from 1\n"
        "02-b: 0-2 afterok:01-a\n02-b.1: 0-2 from 3 afterok:01-a.1\n"
        "03-c: 0 afterok:02-b\n03-c.1: 0 from 1 afterok:02-b.1\n"
        "04-d: plain afterok:03-c afterok:03-c.1\n");
}

TEST_CASE("with one session its failure blocks everything") {
  Example example(1, 3);
  const StepId a = example.step("a", kSession);
  const StepId b = example.step("b", kChannel);
  example.edge(a, b, kSession);
  CHECK(lowered(example) == "01-a: 0\n02-b: 0-2 afterok:01-a\n");
}

TEST_CASE("a later step may have fewer directories, not others") {
  Example example(1, 4);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  example.edge(a, b, kChannel);
  SECTION("fewer") {
    example.only(b, {true, false, true, true});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0,2-3 aftercorr:01-a\n");
  }
  SECTION("others") {
    // Slurm holds index 1 until all of `a` has ended, and may not cancel it then.
    example.only(a, {true, false, true, true});
    CHECK(lowered(example) == "01-a: 0,2-3\n02-b: 0-3 aftercorr-or-afterany:01-a\n");
  }
}

TEST_CASE("an edge that is wider than the directory does not correspond") {
  Example example(2, 2);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  example.edge(a, b, kSession);
  CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 afterany:01-a\n");
}

TEST_CASE("pairs wait for the whole array and are gated, but for what Slurm can say exactly") {
  Example example(2, 2);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  SECTION("neighbours") {
    example.pairs(a, b, {{1, 0}, {0, 1}, {2, 1}, {3, 2}, {2, 3}});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 afterany:01-a\n");
  }
  SECTION("each its own: they correspond") {
    example.pairs(a, b, {{3, 3}, {1, 1}, {0, 0}, {2, 2}});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 aftercorr:01-a\n");
  }
  SECTION("each its own, but one waits for nobody, and must run when the other has failed") {
    example.pairs(a, b, {{0, 0}, {1, 1}, {2, 2}});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 aftercorr-or-afterany:01-a\n");
  }
  SECTION("all wait for all") {
    std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>> all;
    for (wfr::TaskIndex i = 0; i < 16; ++i) all.emplace_back(3 - i % 4, i / 4);
    example.pairs(a, b, all);
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 afterok:01-a\n");
  }
  SECTION("all wait for some: a failure elsewhere stops nobody") {
    example.pairs(a, b, {{1, 0}, {1, 1}, {1, 2}, {1, 3}});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3 afterany:01-a\n");
  }
  SECTION("nobody waits") {
    example.pairs(a, b, {});
    CHECK(lowered(example) == "01-a: 0-3\n02-b: 0-3\n");
  }
}

TEST_CASE("long arrays are cut at the same blocks") {
  Example example(2, 5);
  example.workflow.site.max_array_size = 4;
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kSession);
  example.edge(a, b, kChannel);
  example.edge(b, c, kSession);
  CHECK(lowered(example) ==
        "01-a: 0-3\n"
        "01-a.1: 0-3 from 4\n"
        "01-a.2: 0-1 from 8\n"
        "02-b: 0-3 aftercorr:01-a\n"
        "02-b.1: 0-3 from 4 aftercorr:01-a.1\n"
        "02-b.2: 0-1 from 8 aftercorr:01-a.2\n"
        "03-c: 0-1 afterany:02-b afterany:02-b.1 afterany:02-b.2\n");
}

TEST_CASE("a limit is shared out over the chunks of a step") {
  Example example(1, 10);
  example.workflow.site.max_array_size = 4;
  const StepId a = example.step("a", kChannel);
  std::uint32_t& limit = example.workflow.steps[wfr::index_of(a)].spec.limit;
  SECTION("in proportion to their sizes") {
    limit = 8;
    CHECK(lowered(example) == "01-a: 0-3%3\n01-a.1: 0-3%3 from 4\n01-a.2: 0-1%2 from 8\n");
  }
  SECTION("they take turns where it is less than their number") {
    limit = 2;
    CHECK(lowered(example) ==
          "01-a: 0-3%1\n01-a.1: 0-3%1 from 4\n01-a.2: 0-1%1 from 8 afterany:01-a\n");
  }
  SECTION("what takes turns and waits for its own directories waits for all of them") {
    // Slurm has no parentheses for: (aftercorr or afterany) and afterany.
    limit = 2;
    const StepId b = example.step("b", kChannel);
    example.workflow.steps[wfr::index_of(b)].spec.limit = 2;
    example.workflow.site.correspond_after_task_cnt = 1;
    example.edge(a, b, kChannel);
    CHECK(lowered(example) ==
          "01-a: 0-3%1\n01-a.1: 0-3%1 from 4\n01-a.2: 0-1%1 from 8 afterany:01-a\n"
          "02-b: 0-3%1 aftercorr-or-afterany:01-a\n"
          "02-b.1: 0-3%1 from 4 aftercorr-or-afterany:01-a.1\n"
          "02-b.2: 0-1%1 from 8 afterany:01-a.2 afterany:02-b\n");
  }
}

TEST_CASE("an afterany is dropped only behind arrays that nothing cancels") {
  Example example(2, 2);
  const StepId first = example.step("first", wfr::kRootLevel);
  const StepId a = example.step("a", kSession);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kChannel);
  example.edge(a, b, kSession);
  example.edge(b, c, kSession);
  example.edge(a, c, kSession);
  SECTION("when b has ended, so has a, for which it waited") {
    CHECK(lowered(example).find("04-c: 0-3 afterany:03-b\n") != std::string::npos);
  }
  SECTION("b may be cancelled while a runs: the afterany stays") {
    example.edge(first, b, wfr::kRootLevel);
    CHECK(lowered(example).find("04-c: 0-3 afterany:02-a afterany:03-b\n") != std::string::npos);
  }
  SECTION("an afterok is never dropped") {
    const StepId d = example.step("d", kSession);
    example.edge(c, d, kSession);
    example.edge(a, d, wfr::kRootLevel);
    CHECK(lowered(example).find("05-d: 0-1 afterok:02-a afterany:04-c\n") != std::string::npos);
  }
}

TEST_CASE("a list that is too long becomes a dense array over a table") {
  Example example(1, 4000);
  example.workflow.site.max_array_size = 10000;
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kChannel);
  std::vector<bool> every_other(4000);
  for (std::size_t i = 0; i < every_other.size(); i += 2) every_other[i] = true;
  example.only(b, every_other);
  example.only(c, every_other);
  example.edge(a, b, kChannel);
  example.edge(b, c, kChannel);
  // Positions of a table are no directories: only equal tables correspond.
  CHECK(lowered(example) ==
        "01-a: 0-3999\n02-b: 0-1999 afterany:01-a\n03-c: 0-1999 aftercorr-or-afterany:02-b\n");
}

TEST_CASE("index lists") {
  CHECK(index_list({{0, 4}, {7, 8}, {9, 13}}) == "0-3,7,9-12");
  CHECK(is_subset({{1, 2}, {4, 6}}, {{0, 3}, {4, 8}}));
  CHECK_FALSE(is_subset({{2, 5}}, {{0, 3}, {4, 8}}));
  CHECK_FALSE(is_subset({{9, 10}}, {{0, 3}}));
  CHECK(table_bytes({{258, 259}, {1, 2}}) == std::string("\x02\x01\0\0\x01\0\0\0", 8));
}

}  // namespace wfc::test
