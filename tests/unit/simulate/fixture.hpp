// Workloads in seconds, on a Slurm that takes no time of its own.
#pragma once

#include "compiler/slurm/simulate.hpp"

#include <utility>
#include <vector>

namespace wfc::test {

inline constexpr Milliseconds kSecond = 1000;

// Looks at the queue each millisecond and backfills each second: makespans are sums of run times.
inline SimTiming instant() {
  SimTiming timing;
  timing.tick_ms = 1;
  timing.backfill_ms = 1;
  timing.launch_ms = 0;
  timing.end_ms = 0;
  timing.starts_per_second = 1'000'000'000;
  return timing;
}

inline SimArray jobs(std::uint32_t size, std::uint32_t cpus, Milliseconds seconds) {
  SimArray array;
  array.size = size;
  array.cpus = cpus;
  array.run_ms = {seconds * kSecond};
  array.limit_ms = seconds * kSecond;
  return array;
}

inline SimAfter whole(std::uint32_t on) {
  return {SimWait::Whole, on, 0, {}};
}
inline SimAfter same(std::uint32_t on) {
  return {SimWait::SameElement, on, 0, {}};
}
inline SimAfter element(std::uint32_t on, std::uint32_t which) {
  return {SimWait::Element, on, which, {}};
}
inline SimArray after(SimArray array, std::vector<SimAfter> waits) {
  array.after = std::move(waits);
  return array;
}

// Seconds.
inline double makespan(const Workload& workload,
                       const SimCluster& cluster,
                       const SimTiming& timing = instant()) {
  return static_cast<double>(simulate(workload, cluster, timing).makespan) / kSecond;
}

}  // namespace wfc::test
