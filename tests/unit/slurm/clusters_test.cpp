// Directories that pairs tie together: their sets, and the jobs that are made of them.
#include "compiler/graph/clusters.hpp"

#include "compiler/graph/depths.hpp"
#include "tests/unit/slurm/own_pairs.hpp"

#include <numeric>

#include <fmt/format.h>

namespace wfc::test {
namespace {

constexpr std::uint32_t kCases = 2000;

NodePairs node_pairs(const Own& own, std::uint32_t nodes, JobGraph& jobs) {
  return pairs_of_blocks(own.example.graph, packed_map(kChannel, nodes, 1, jobs), {own.step});
}

// Of each node, by following pairs of the band in both directions until nothing changes.
std::vector<std::uint32_t> tied_together(const NodePairs& nodes, std::uint32_t band) {
  std::vector<std::uint32_t> set(nodes.nodes);
  std::iota(set.begin(), set.end(), 0U);
  for (bool more = true; more;) {
    more = false;
    for (const auto& [before, after] : nodes.pairs) {
      const bool same =
          band == 0 || (*nodes.depths)[before] / band == (*nodes.depths)[after] / band;
      const std::uint32_t smaller = std::min(set[before], set[after]);
      if (!same || (set[before] == smaller && set[after] == smaller)) continue;
      set[before] = set[after] = smaller;
      more = true;
    }
  }
  return set;
}

// `chains` side by side, of which each node's neighbour is far away by name.
PairList scattered_chains(std::uint32_t chains, std::uint32_t length) {
  PairList pairs;
  for (std::uint32_t i = chains; i < chains * length; ++i) pairs.emplace_back(i - chains, i);
  return pairs;
}

}  // namespace

TEST_CASE("clusters hold every node once, what is tied together whole, and wait in no circle") {
  std::uint32_t several = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    Chance chance(seed);
    const std::uint32_t count = 2 + chance.below(14);
    const PairList pairs = random_pairs(count, true, chance);
    if (pairs.empty()) continue;
    const Own own(1, count, pairs);
    JobGraph jobs;
    const NodePairs nodes = node_pairs(own, count, jobs);
    const std::uint32_t band = chance.below(4);
    const std::uint32_t pack = 1 + chance.below(3);
    const Clusters clusters = make_clusters(nodes, band, pack);
    INFO("seed " << seed << " band " << band << " pack " << pack);
    std::vector<std::uint32_t> all = clusters.order;
    std::sort(all.begin(), all.end());
    REQUIRE(all.size() == count);
    for (std::uint32_t node = 0; node < count; ++node) REQUIRE(all[node] == node);
    std::vector<std::uint32_t> cluster(count);
    for (std::uint32_t c = 0; c + 1 < clusters.begin.size(); ++c) {
      const auto begin = clusters.order.begin() + clusters.begin[c];
      const auto end = clusters.order.begin() + clusters.begin[c + 1];
      REQUIRE(begin < end);
      REQUIRE(std::is_sorted(begin, end));
      for (auto node = begin; node != end; ++node) cluster[*node] = c;
    }
    const std::vector<std::uint32_t> tied = tied_together(nodes, band);
    for (std::uint32_t node = 0; node < count; ++node) {
      REQUIRE(cluster[node] == cluster[tied[node]]);
      const auto band_of = [&](std::uint32_t n) {
        return band == 0 ? 0 : (*nodes.depths)[n] / band;
      };
      // Later bands come later, so that there is no circle.
      for (std::uint32_t other = 0; other < count; ++other) {
        if (band_of(node) < band_of(other)) REQUIRE(cluster[node] < cluster[other]);
      }
    }
    REQUIRE(clusters.largest() >=
            (count + clusters.begin.size() - 2) / (clusters.begin.size() - 1));
    if (clusters.begin.size() > 2) ++several;
  }
  CHECK(several > kCases / 2);
}

TEST_CASE("small clusters are joined up to the pack") {
  const Own own(1, 12, scattered_chains(6, 2));
  JobGraph jobs;
  const NodePairs nodes = node_pairs(own, 12, jobs);
  CHECK(make_clusters(nodes, 0, 1).begin == std::vector<std::uint32_t>{0, 2, 4, 6, 8, 10, 12});
  CHECK(make_clusters(nodes, 0, 4).begin == std::vector<std::uint32_t>{0, 4, 8, 12});
  CHECK(make_clusters(nodes, 1, 4).begin == std::vector<std::uint32_t>{0, 4, 6, 10, 12});
}

TEST_CASE("deep graphs share jobs") {
  SECTION("whole directories of the level that holds every pair") {
    PairList pairs;
    for (std::uint32_t t = 1; t < 90; ++t) {
      if (t % 30 != 0) pairs.emplace_back(t - 1, t);
    }
    Own own(3, 30, pairs);
    own.example.workflow.site.max_submissions = 20;
    CHECK(lowered(own) == "01-own: 0-2\n");
    CHECK(noted(own, "30 depths would need 30 calls of sbatch"));
    own.example.workflow.site.max_submissions = 40;
    CHECK(lowered(own).substr(0, 15) == "01-own: 0-2\n01-");
  }
  SECTION("a chain of thousands: jobs of less than a day") {
    Own own(2, 2500, chain(5000));
    const std::string arrays = lowered(own);
    CHECK(std::count(arrays.begin(), arrays.end(), '\n') == 49);
    CHECK(noted(own,
                "49 jobs, each with connected components of `channel` directories (at most 104)"));
    CHECK(noted(own, "49 depths"));
    // Later passes are counted too.
    own.example.workflow.steps[0].spec.resources.mem_mb = 100;
    own.example.workflow.steps[0].spec.retry = {3, {}, 200, 0};
    own.example.workflow.steps[0].estimate_s = 1;
    own.example.workflow.site.max_submissions = 159;
    CHECK(lowered(own).substr(0, 10) == "01-own: 0\n");
    CHECK(noted(own, "all in one job, in which wfr keeps the order"));
  }
  SECTION("chains whose neighbours are far apart by name: a job each") {
    Own own(1, 640, scattered_chains(10, 64));
    own.example.workflow.site.max_submissions = 20;
    CHECK(lowered(own) == "01-own: 0-9\n");
    CHECK(noted(own,
                "10 jobs, each with connected components of `channel` directories (at most 64)"));
  }
  SECTION("depths of one job that go on with each other job by job") {
    // A day is too short for the whole of a chain.
    Own own(1, 640, scattered_chains(10, 64));
    own.example.workflow.site.max_submissions = 20;
    own.example.workflow.steps[0].estimate_s = 3600;
    const std::string arrays = lowered(own);
    CHECK(arrays.find("01-own.1: 0-9 from 10 aftercorr-or-afterany:01-own\n") != std::string::npos);
    CHECK(std::count(arrays.begin(), arrays.end(), '\n') == 4);
  }
  SECTION("no job is longer than the site lets it run") {
    // Everything is tied together in the end.
    PairList pairs;
    for (std::uint32_t t = 20; t < 640; ++t) {
      pairs.emplace_back(t - 20, t);
      if (t % 20 != 0) pairs.emplace_back(t - 21, t);
    }
    Own own(1, 640, pairs);
    own.example.workflow.site.max_submissions = 20;
    own.example.workflow.steps[0].estimate_s = 60;
    CHECK(lowered(own) == "01-own: 0\n");
    own.example.workflow.site.max_time_s = 3000;
    const std::string arrays = lowered(own);
    CHECK(std::count(arrays.begin(), arrays.end(), '\n') == 16);
  }
}

TEST_CASE("several arrays of free sets are each waited for where their tasks are needed") {
  // Four chains across six sessions, three jobs an array: the second array has one of each session.
  PairList pairs;
  for (std::uint32_t t = 4; t < 24; ++t) pairs.emplace_back(t - 4, t);
  Own own(6, 4, pairs);
  const StepId gather = own.example.step("gather", kSession);
  own.example.edge(own.step, gather, kSession);
  own.example.workflow.site.max_array_size = 3;
  own.example.workflow.site.max_submissions = 11;
  own.example.workflow.steps[0].estimate_s = 60;
  const std::string arrays = lowered(own);
  CHECK(arrays.substr(0, 28) == "01-own: 0-2\n01-own.1: 0 from");
  CHECK(arrays.find("02-gather: 0-2 afterany:01-own afterany:01-own.1\n") != std::string::npos);
  CHECK(arrays.find("02-gather.1: 0-2 from 3 afterany:01-own afterany:01-own.1\n") !=
        std::string::npos);
}

TEST_CASE("what takes too long is cut as far as there is room, not put into one job") {
  // Each odd one waits for both neighbours: all is tied together.
  PairList pairs;
  for (std::uint32_t t = 1; t + 1 < 400; t += 2) {
    pairs.emplace_back(t - 1, t);
    pairs.emplace_back(t + 1, t);
  }
  Own own(1, 400, pairs);
  own.example.workflow.steps[0].estimate_s = 36000;
  own.example.workflow.site.max_submit_jobs = 21;
  lowered(own);
  CHECK_FALSE(noted(own, "all in one job"));
  own.example.workflow.steps[0].pack = 40;
  const std::string arrays = lowered(own);
  CHECK(std::count(arrays.begin(), arrays.end(), '\n') == 10);
}

TEST_CASE("what is asked for and would wait in a circle is not done") {
  // Of two channels a job each waits for the other.
  Own own(1, 4, {{0, 2}, {3, 1}});
  own.example.workflow.steps[0].pack = 2;
  CHECK(lowered(own) == "01-own: 0-1\n");
  CHECK(noted(own, "otherwise jobs would wait for each other in a cycle"));
  // Whole sessions together, where nothing keeps them apart.
  Own apart(2, 2, {{0, 2}, {3, 1}});
  apart.example.workflow.jobs.per = kSession;
  CHECK(lowered(apart) == "01-own: 0\n");
  apart.example.workflow.jobs.split = kSession;
  CHECK(lowered(apart) == "01-own: 0-1\n");
  CHECK(noted(apart, "otherwise jobs would wait for each other in a cycle"));
}

}  // namespace wfc::test
