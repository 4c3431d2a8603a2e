// Tasks of one step that wait for each other: depths, circles and blocks against brute force, and
// what becomes of them as job arrays. What runs is in lowering_property_test.cpp.
#include "compiler/graph/depths.hpp"

#include "compiler/graph/pair_circle.hpp"
#include "tests/unit/slurm/own_pairs.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace wfc::test {
namespace {

constexpr std::uint32_t kCases = 2000;

// Which waits for which, also through others: Floyd and Warshall's closure.
std::vector<std::vector<bool>> closure(std::uint32_t count, const PairList& pairs) {
  std::vector<std::vector<bool>> waits(count, std::vector<bool>(count, false));
  for (const auto& [from, to] : pairs) waits[to][from] = true;
  for (std::uint32_t k = 0; k < count; ++k) {
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t j = 0; j < count; ++j) {
        if (waits[i][k] && waits[k][j]) waits[i][j] = true;
      }
    }
  }
  return waits;
}

// Longest path by relaxing until nothing changes; only without a circle.
std::vector<std::uint32_t> relaxed_depths(std::uint32_t count, const PairList& pairs) {
  std::vector<std::uint32_t> depths(count, 0);
  for (bool more = true; more;) {
    more = false;
    for (const auto& [from, to] : pairs) {
      if (depths[to] > depths[from]) continue;
      depths[to] = depths[from] + 1;
      more = true;
    }
  }
  return depths;
}

}  // namespace

TEST_CASE("depths are longest paths, and the order follows them") {
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    Chance chance(seed);
    const std::uint32_t count = 2 + chance.below(14);
    const PairList pairs = random_pairs(count, true, chance);
    const Own own(1, count, pairs);
    INFO("seed " << seed);
    const std::vector<std::uint32_t> depths = wfr::own_depths(own.example.graph, own.step);
    if (pairs.empty()) {
      REQUIRE(depths.empty());
      REQUIRE(wfr::longest_own_path(own.example.graph, own.step) == 1);
      continue;
    }
    const std::vector<std::uint32_t> expected = relaxed_depths(count, pairs);
    REQUIRE(depths == expected);
    REQUIRE(wfr::longest_own_path(own.example.graph, own.step) ==
            *std::max_element(expected.begin(), expected.end()) + 1);
    std::vector<wfr::TaskIndex> met;
    wfr::for_each_in_order(
        own.example.graph, own.step, [&](wfr::TaskIndex task) { met.push_back(task); });
    REQUIRE(met.size() == count);
    const auto position = [&](wfr::TaskIndex task) {
      return std::find(met.begin(), met.end(), task) - met.begin();
    };
    for (const auto& [from, to] : pairs) REQUIRE(position(from) < position(to));
    REQUIRE(pair_circle(own.example.graph, own.example.graph.edges.front()).empty());
  }
}

TEST_CASE(
    "a circle is found if there is one, whole, and the same whatever the order of the pairs") {
  std::uint32_t circles = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    Chance chance(seed);
    const std::uint32_t count = 2 + chance.below(12);
    const PairList pairs = random_pairs(count, false, chance);
    if (pairs.empty()) continue;
    const Own own(1, count, pairs);
    const std::vector<std::vector<bool>> waits = closure(count, pairs);
    bool expected = false;
    for (std::uint32_t t = 0; t < count; ++t) expected = expected || waits[t][t];
    const std::vector<wfr::TaskIndex> circle =
        pair_circle(own.example.graph, own.example.graph.edges.front());
    INFO("seed " << seed);
    REQUIRE(expected == !circle.empty());
    if (!expected) continue;
    ++circles;
    REQUIRE(std::set<wfr::TaskIndex>(circle.begin(), circle.end()).size() == circle.size());
    REQUIRE(circle.front() == *std::min_element(circle.begin(), circle.end()));
    for (std::size_t i = 0; i < circle.size(); ++i) {
      const std::pair pair{circle[(i + 1) % circle.size()], circle[i]};
      REQUIRE(std::find(pairs.begin(), pairs.end(), pair) != pairs.end());
    }
  }
  CHECK(circles > kCases / 4);
}

TEST_CASE("depths of blocks are longest paths of what the blocks' tasks wait for") {
  std::uint32_t with_circle = 0;
  std::uint32_t without = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    Chance chance(seed);
    const std::uint32_t sessions = 1 + chance.below(4);
    const std::uint32_t channels = 1 + chance.below(5);
    const std::uint32_t count = sessions * channels;
    const PairList pairs = random_pairs(count, true, chance);
    const Own own(sessions, channels, pairs);
    JobGraph jobs;
    const bool by_session = chance.below(3) == 0;
    const std::uint32_t pack = 1 + chance.below(4);
    const wfr::BlockMap map = by_session ? packed_map(kSession, sessions, 1, jobs)
                                         : packed_map(kChannel, count, pack, jobs);
    const std::uint32_t block_size = by_session ? channels : pack;
    PairList between;
    for (const auto& [from, to] : pairs) {
      if (from / block_size != to / block_size) {
        between.emplace_back(from / block_size, to / block_size);
      }
    }
    const std::vector<std::vector<bool>> waits = closure(map.blocks(), between);
    bool circle = false;
    for (std::uint32_t b = 0; b < map.blocks(); ++b) circle = circle || waits[b][b];
    const auto depths = pairs_of_blocks(own.example.graph, map, {own.step}).depths;
    INFO("seed " << seed);
    REQUIRE(depths.has_value() == !circle);
    ++(circle ? with_circle : without);
    if (circle) continue;
    if (between.empty()) {
      REQUIRE(depths->empty());
      continue;
    }
    REQUIRE(*depths == relaxed_depths(map.blocks(), between));
    // Every block is in one array, an array has one depth and is no longer than allowed.
    const std::uint32_t most = 1 + chance.below(3);
    std::vector<std::uint32_t> met;
    for (const DepthArray& array : depth_arrays(*depths, most, {0})) {
      std::uint32_t size = 0;
      for (const wfr::Range& range : array.blocks) {
        for (std::uint32_t b = range.begin; b < range.end; ++b, ++size) {
          REQUIRE((*depths)[b] == array.depth);
          met.push_back(b);
        }
      }
      REQUIRE((size > 0 && size <= most));
    }
    std::sort(met.begin(), met.end());
    REQUIRE(met.size() == map.blocks());
    REQUIRE(std::adjacent_find(met.begin(), met.end()) == met.end());
  }
  CHECK(with_circle > 100);
  CHECK(without > 100);
}

TEST_CASE("an array a depth, by the weakest dependency that is right") {
  // Three chains side by side, and a fourth task that waits for two of them.
  Own own(1, 7, {{0, 3}, {1, 4}, {2, 5}, {3, 6}, {5, 6}});
  CHECK(lowered(own) ==
        "01-own: 0-2\n"
        "01-own.1: 0-2 from 3 aftercorr:01-own\n"
        "01-own.2: 0 from 6 afterany:01-own.1\n");
  CHECK(noted(own, "3 depths"));
  own.example.workflow.site.correspond_after_task_cnt = 2;
  CHECK(lowered(own) ==
        "01-own: 0-2\n"
        "01-own.1: 0-2 from 3 aftercorr-or-afterany:01-own\n"
        "01-own.2: 0 from 6 afterany:01-own.1\n");
  own.example.workflow.site.max_array_size = 2;
  CHECK(lowered(own) ==
        "01-own: 0-1\n"
        "01-own.1: 0 from 2\n"
        "01-own.2: 0-1 from 3 aftercorr:01-own\n"
        "01-own.3: 0 from 5 aftercorr:01-own.1\n"
        "01-own.4: 0 from 6 afterany:01-own.2 aftercorr:01-own.3\n");
}

TEST_CASE("a limit holds for all arrays of a depth, and the depths take turns") {
  Own own(1, 5, {{0, 2}, {1, 3}, {2, 4}});
  own.example.workflow.steps[0].spec.limit = 1;
  CHECK(lowered(own) ==
        "01-own: 0-1%1\n"
        "01-own.1: 0-1%1 from 2 afterany:01-own\n"
        "01-own.2: 0%1 from 4 afterany:01-own.1\n");
}

TEST_CASE("neither placement nor fusion takes a step whose pairs leave the directory") {
  const auto families = [](Example& example) {
    Sink sink;
    const JobGraph jobs = partition(example.workflow, example.graph, sink);
    std::string text;
    for (const wfr::Family& family : jobs.families) {
      for (const StepId id : family.steps) text += example.workflow.step(id).spec.name;
      text += fmt::format(":{} ", wfr::index_of(jobs.maps[family.block_map].level));
    }
    return text;
  };
  const auto made = [](const PairList& pairs) {
    Example example(2, 2);
    const StepId a = example.step("a", kChannel);
    const StepId b = example.step("b", kChannel);
    const StepId c = example.step("c", kChannel);
    example.edge(a, b, kChannel);
    example.pairs(b, b, pairs);
    example.edge(b, c, kChannel);
    return example;
  };
  Example inside = made({{0, 1}, {2, 3}});
  CHECK(families(inside) == "a:2 b:2 c:2 ");
  inside.workflow.jobs.fuse = true;
  CHECK(families(inside) == "a:2 b:2 c:2 ");
  inside.workflow.jobs.per = kSession;
  CHECK(families(inside) == "abc:1 ");
  Example across = made({{0, 2}, {1, 3}});
  across.workflow.jobs.per = kSession;
  CHECK(families(across) == "a:1 b:1 c:1 ");
}

}  // namespace wfc::test
