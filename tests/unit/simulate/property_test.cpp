// Bounds that hold for every workload: random ones, the same at every run.
#include "tests/unit/simulate/fixture.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

// std::uniform_int_distribution gives other numbers elsewhere.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t operator()(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(engine_() % (most - least + 1));
  }

 private:
  std::mt19937 engine_;
};

SimArray random_array(Dice& dice, const SimCluster& cluster) {
  SimArray array;
  array.size = dice(1, 40);
  array.cpus = dice(1, cluster.cpus);
  if (cluster.nodes > 1 && dice(0, 4) == 0) array.nodes = dice(1, cluster.nodes);
  if (cluster.mem_mb > 0) array.mem_mb = dice(0, static_cast<std::uint32_t>(cluster.mem_mb));
  if (dice(0, 3) == 0) array.at_once = dice(1, 8);
  for (std::uint32_t e = 0; e < array.size; ++e) {
    array.run_ms.push_back(Milliseconds{dice(1, 50)} * kSecond);
  }
  if (dice(0, 2) > 0) array.limit_ms = 60 * kSecond;
  return array;
}

Workload random_workload(Dice& dice, const SimCluster& cluster, std::uint32_t arrays) {
  Workload workload;
  workload.correspond_after_task_cnt = dice(1, 12);
  for (std::uint32_t a = 0; a < arrays; ++a) {
    SimArray array = random_array(dice, cluster);
    for (std::uint32_t waits = a == 0 ? 0 : dice(0, 2); waits > 0; --waits) {
      const std::uint32_t on = dice(0, a - 1);
      SimAfter after = dice(0, 1) == 0 ? whole(on) : same(on);
      for (std::uint32_t e = 0; e < array.size; ++e) {
        if (after.wait == SimWait::SameElement) after.match.push_back(e % workload.arrays[on].size);
      }
      array.after.push_back(after);
    }
    workload.arrays.push_back(array);
  }
  return workload;
}

SimCluster random_cluster(Dice& dice) {
  return {dice(1, 6), dice(1, 16), dice(0, 1) == 0 ? 0U : 1000U * dice(1, 32)};
}

// Never more on a node than it has, at any begin.
void check_room(const Workload& workload, const SimCluster& cluster, const Simulated& result) {
  struct Change {
    Milliseconds at;
    std::int64_t cpus;
  };
  std::vector<std::vector<Change>> changes(cluster.nodes);
  for (std::size_t a = 0; a < workload.arrays.size(); ++a) {
    const SimArray& array = workload.arrays[a];
    if (array.nodes > 1) continue;
    const SimRuns& runs = result.arrays[a];
    for (std::uint32_t e = 0; e < array.size; ++e) {
      REQUIRE(runs.begin[e] >= runs.ready[e]);
      changes[runs.node[e]].push_back({runs.begin[e], array.cpus});
      changes[runs.node[e]].push_back({runs.end[e], -std::int64_t{array.cpus}});
    }
  }
  for (std::vector<Change>& of_node : changes) {
    std::sort(of_node.begin(), of_node.end(), [](const Change& a, const Change& b) {
      return a.at != b.at ? a.at < b.at : a.cpus < b.cpus;
    });
    std::int64_t used = 0;
    for (const Change& change : of_node) {
      used += change.cpus;
      REQUIRE(used <= cluster.cpus);
    }
  }
}

TEST_CASE("no schedule is shorter than its longest chain, nor than its work over all cpus") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const SimCluster cluster = random_cluster(dice);
    const Workload workload = random_workload(dice, cluster, dice(1, 8));
    const SimTiming timing = seed % 2 == 0 ? instant() : SimTiming{};
    const Simulated result = simulate(workload, cluster, timing);
    REQUIRE(result.stuck.empty());
    CHECK(result.makespan >= critical_path(workload));
    CHECK(result.makespan * cluster.nodes * cluster.cpus >= result.busy_cpu_ms);
    check_room(workload, cluster, result);
  }
}

TEST_CASE("one level of jobs that fill a cpu each keeps Graham's bound of list scheduling") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const SimCluster cluster{dice(1, 6), dice(1, 16), 0};
    const std::int64_t cpus = std::int64_t{cluster.nodes} * cluster.cpus;
    Workload workload = random_workload(dice, cluster, 1);
    SimArray& array = workload.arrays[0];
    array.cpus = array.nodes = 1;
    array.at_once = 0;
    const Simulated result = simulate(workload, cluster, instant());
    // work / m + (1 - 1/m) longest (Graham, SIAM J. Appl. Math. 17(2), 1969), and a look a job.
    const Milliseconds longest = *std::max_element(array.run_ms.begin(), array.run_ms.end());
    CHECK(result.makespan * cpus <=
          result.busy_cpu_ms + (cpus - 1) * longest + cpus * (array.size + 1));
  }
}

TEST_CASE("the same workload gives the same schedule") {
  Dice dice(7);
  const SimCluster cluster = random_cluster(dice);
  const Workload workload = random_workload(dice, cluster, 8);
  const Simulated first = simulate(workload, cluster, SimTiming{});
  const Simulated second = simulate(workload, cluster, SimTiming{});
  for (std::size_t a = 0; a < workload.arrays.size(); ++a) {
    CHECK(first.arrays[a].begin == second.arrays[a].begin);
    CHECK(first.arrays[a].node == second.arrays[a].node);
  }
}

}  // namespace
}  // namespace wfc
