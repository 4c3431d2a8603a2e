// Workloads whose makespans are known by counting.
#include "tests/unit/simulate/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

TEST_CASE("a chain takes the sum of its jobs") {
  const Workload chain{
      {jobs(1, 1, 10), after(jobs(1, 1, 20), {whole(0)}), after(jobs(1, 1, 30), {whole(1)})}, 10};
  CHECK(makespan(chain, {4, 4, 0}) == 60);
  CHECK(critical_path(chain) == 60 * kSecond);
}

TEST_CASE("an array runs in waves of what the cluster holds") {
  CHECK(makespan({{jobs(16, 1, 10)}, 10}, {2, 4, 0}) == 20);
  CHECK(makespan({{jobs(17, 1, 10)}, 10}, {2, 4, 0}) == 30);
  // Three cpus each: one of four is lost on every node.
  CHECK(makespan({{jobs(4, 3, 10)}, 10}, {2, 4, 0}) == 20);
}

TEST_CASE("memory packs nodes as cpus do") {
  SimArray big = jobs(6, 1, 10);
  big.mem_mb = 6000;
  CHECK(makespan({{big}, 10}, {1, 16, 16000}) == 30);
  CHECK(makespan({{big}, 10}, {3, 16, 16000}) == 10);
  CHECK(makespan({{big}, 10}, {1, 16, 0}) == 10);
}

TEST_CASE("a limit of an array holds only that array back") {
  SimArray limited = jobs(6, 1, 10);
  limited.at_once = 2;
  const Workload workload{{limited, jobs(1, 1, 5)}, 10};
  const Simulated result = simulate(workload, {1, 8, 0}, instant());
  CHECK(result.makespan == 30 * kSecond);
  CHECK(result.arrays[1].begin[0] == 0);
}

TEST_CASE("an element over several nodes waits for all of them") {
  SimArray wide = jobs(1, 2, 10);
  wide.nodes = 2;
  // Two nodes of two cpus; the first array holds one of them for 7 s.
  const Simulated result = simulate({{jobs(1, 2, 7), wide}, 10}, {2, 2, 0}, instant());
  CHECK(result.arrays[1].begin[0] == 7 * kSecond);
  CHECK(result.makespan == 17 * kSecond);
  CHECK(result.busy_cpu_ms == (2 * 7 + 4 * 10) * kSecond);
}

TEST_CASE("aftercorr goes on element by element") {
  SimArray first = jobs(4, 1, 0);
  first.run_ms = {10 * kSecond, 40 * kSecond, 10 * kSecond, 10 * kSecond};
  const Simulated result =
      simulate({{first, after(jobs(4, 1, 5), {same(0)})}, 10}, {1, 8, 0}, instant());
  CHECK(result.arrays[1].begin[0] == 10 * kSecond);
  CHECK(result.arrays[1].begin[1] == 40 * kSecond);
  CHECK(result.arrays[1].begin[3] == 10 * kSecond);
  CHECK(result.arrays[1].ready[3] == 10 * kSecond);
}

TEST_CASE("aftercorr sees only the first pending indices") {
  // The first two elements are slow: with a window of two nobody behind them is seen.
  SimArray first = jobs(6, 1, 0);
  first.run_ms = {
      50 * kSecond, 50 * kSecond, 10 * kSecond, 10 * kSecond, 10 * kSecond, 10 * kSecond};
  const auto begin_of_last = [&](std::uint32_t window) {
    const Workload workload{{first, after(jobs(6, 1, 5), {same(0)})}, window};
    return simulate(workload, {1, 16, 0}, instant()).arrays[1].begin[5];
  };
  CHECK(begin_of_last(2) == 50 * kSecond);
  // One place is left beside the two: the others go through it one at a time.
  CHECK(begin_of_last(3) < 11 * kSecond);
  CHECK(begin_of_last(10) == 10 * kSecond);
}

TEST_CASE("aftercorr matches by index, not by position") {
  SimArray first = jobs(3, 1, 0);
  first.run_ms = {10 * kSecond, 20 * kSecond, 30 * kSecond};
  SimAfter match = same(0);
  match.match = {2};
  CHECK(makespan({{first, after(jobs(1, 1, 5), {match})}, 10}, {1, 8, 0}) == 35);
  CHECK(makespan({{first, after(jobs(1, 1, 5), {element(0, 1)})}, 10}, {1, 8, 0}) == 30);
  CHECK(makespan({{first, after(jobs(1, 1, 5), {whole(0)})}, 10}, {1, 8, 0}) == 35);
}

TEST_CASE("an empty array holds nothing up") {
  SimArray none = jobs(0, 1, 10);
  none.run_ms.clear();
  CHECK(makespan({{none, after(jobs(2, 1, 5), {whole(0), same(0)})}, 10}, {1, 8, 0}) == 5);
}

// Four cpus: two are busy for 100 s, the next job wants all four.
Workload with_short_job(Milliseconds seconds) {
  return {{jobs(1, 2, 100), jobs(1, 4, 10), jobs(1, 2, seconds)}, 10};
}

TEST_CASE("backfill lets a short job overtake, and only where it delays nobody") {
  const Simulated fits = simulate(with_short_job(99), {1, 4, 0}, instant());
  CHECK(fits.arrays[2].begin[0] <= 1);
  CHECK(fits.arrays[1].begin[0] == 100 * kSecond);
  const Simulated too_long = simulate(with_short_job(100), {1, 4, 0}, instant());
  CHECK(too_long.arrays[1].begin[0] == 100 * kSecond);
  CHECK(too_long.arrays[2].begin[0] == 110 * kSecond);
  // It has a node of its own there.
  const Simulated elsewhere = simulate(with_short_job(100), {2, 4, 0}, instant());
  CHECK(elsewhere.arrays[1].begin[0] == 0);
}

TEST_CASE("backfill keeps whole nodes for those that wait") {
  // Three of four cpus are taken, and wanted again in 100 s: the fourth is for jobs that are over
  // by then.
  const auto begin = [](Milliseconds seconds) {
    const Workload workload{{jobs(1, 3, 100), jobs(1, 3, 50), jobs(1, 1, seconds)}, 10};
    return simulate(workload, {1, 4, 0}, instant()).arrays[2].begin[0];
  };
  CHECK(begin(99) <= 1);
  CHECK(begin(100) == 100 * kSecond);
}

TEST_CASE("elements that wait for one node hold it one after the other") {
  // Of two nodes one is free of the second array's reservations.
  SimArray wide = jobs(1, 4, 10);
  const Workload workload{{jobs(2, 3, 100), wide, jobs(1, 1, 500)}, 10};
  const Simulated result = simulate(workload, {2, 4, 0}, instant());
  CHECK(result.arrays[2].begin[0] <= 1);
  CHECK(result.arrays[2].node[0] == 1);
  CHECK(result.arrays[1].begin[0] == 100 * kSecond);
}

TEST_CASE("backfill goes by what was asked, not by what it takes") {
  Workload workload = with_short_job(50);
  workload.arrays[2].limit_ms = 1000 * kSecond;
  CHECK(simulate(workload, {1, 4, 0}, instant()).arrays[2].begin[0] == 110 * kSecond);
  workload.arrays[2].limit_ms = 0;
  CHECK(simulate(workload, {1, 4, 0}, instant()).arrays[2].begin[0] == 110 * kSecond);
}

TEST_CASE("backfill runs at its own interval") {
  SimTiming timing = instant();
  timing.tick_ms = 1000;
  timing.backfill_ms = 30'000;
  const Workload late{{jobs(1, 2, 100), jobs(1, 2, 1), jobs(1, 4, 10), jobs(1, 2, 20)}, 10};
  const Simulated result = simulate(late, {1, 4, 0}, timing);
  // In the middle between two looks.
  CHECK(result.arrays[3].begin[0] == 30 * kSecond + 500);
}

TEST_CASE("time of Slurm's own: ticks, launches, ends and the controller") {
  SimTiming timing = instant();
  timing.tick_ms = 1000;
  timing.backfill_ms = 30'000;
  timing.launch_ms = 200;
  timing.end_ms = 100;
  const Workload chain{{jobs(1, 1, 1), after(jobs(1, 1, 1), {whole(0)})}, 10};
  const Simulated result = simulate(chain, {1, 1, 0}, timing);
  CHECK(result.arrays[0].begin[0] == 200);
  CHECK(result.arrays[0].end[0] == 1200);
  // Free at 1.3 s, looked at at 2 s.
  CHECK(result.arrays[1].begin[0] == 2200);
  // The backfill starts what is next as well.
  timing.backfill_ms = 1000;
  CHECK(simulate(chain, {1, 1, 0}, timing).arrays[1].begin[0] == 1700);
  timing.starts_per_second = 10;
  CHECK(simulate({{jobs(30, 1, 100)}, 10}, {1, 100, 0}, timing).arrays[0].begin[29] == 3100);
}

TEST_CASE("what no node can hold is said and holds nobody up") {
  SimArray large = jobs(1, 1, 10);
  large.mem_mb = 5000;
  const Simulated result =
      simulate({{jobs(2, 9, 10), large, jobs(1, 1, 5), after(jobs(1, 1, 1), {whole(0)})}, 10},
               {2, 8, 4000},
               instant());
  CHECK(result.stuck == std::vector<std::uint32_t>{0, 1, 3});
  CHECK(result.makespan == 5 * kSecond);
  CHECK(result.arrays[0].begin[0] == kNever);
}

TEST_CASE("300,000 elements take seconds", "[scale]") {
  Workload workload;
  for (std::uint32_t a = 0; a < 300; ++a) {
    SimArray array = jobs(1000, 1 + a % 4, 60 + a % 7);
    if (a >= 100) array.after = {same(a - 100)};
    workload.arrays.push_back(array);
  }
  const Simulated result = simulate(workload, {100, 32, 0}, SimTiming{});
  CHECK(result.stuck.empty());
  CHECK(result.makespan * 3200 >= result.busy_cpu_ms);
  CHECK(result.makespan * 3200 < result.busy_cpu_ms * 3 / 2);
}

}  // namespace
}  // namespace wfc
