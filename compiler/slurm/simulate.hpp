// Slurm in miniature: when every job of a workload begins and ends on a cluster of like nodes.
//
// A discrete-event simulation. The queue is first in, first out in the order of the workload, with
// backfill in the manner of Slurm's sched/backfill: jobs that do not fit hold reservations at the
// earliest times at which running jobs, by the time they asked for, leave room; a later job starts
// only where it delays none of them (Mu'alem and Feitelson, IEEE TPDS 12(6), 2001). Integers only:
// the same workload gives the same result anywhere.
#pragma once

#include <cstdint>
#include <vector>

namespace wfc {

using Milliseconds = std::int64_t;
inline constexpr Milliseconds kNever = -1;

// Like nodes, empty at the beginning, for this workload alone.
struct SimCluster {
  std::uint32_t nodes = 1;
  std::uint32_t cpus = 1;    // of a node
  std::uint64_t mem_mb = 0;  // of a node; 0: memory is not counted
};

// How Slurm takes its time. The defaults of the first two are slurm.conf's; the rest was measured
// on Slurm 22.05 with four nodes on two shared cores, where a controller is slow: docs/explanation/
// planning.md.
struct SimTiming {
  Milliseconds tick_ms = 3000;           // looks at the queue (batch_sched_delay, at least 1 s)
  Milliseconds backfill_ms = 30'000;     // runs of the backfill (bf_interval)
  Milliseconds launch_ms = 150;          // from the decision to the first command of the script
  Milliseconds end_ms = 100;             // from the last command until the cpus are free
  std::uint32_t starts_per_second = 60;  // that the controller can do
};

enum class SimWait : std::uint8_t { Whole, Element, SameElement };

// Waits for all of an array, for one element of it, or element by element (aftercorr).
struct SimAfter {
  SimWait wait = SimWait::Whole;
  std::uint32_t on = 0;       // an earlier array of the workload
  std::uint32_t element = 0;  // SimWait::Element
  // SimWait::SameElement: the element of `on` for each of this array's (kNone: it has none, all of
  // `on` is waited for); empty: of the same number.
  std::vector<std::uint32_t> match;
};

// A job array, or one job (size 1). An element that no node can hold never begins.
struct SimArray {
  std::uint32_t size = 1;
  std::uint32_t nodes = 1;           // of one element
  std::uint32_t cpus = 1;            // of one element on each of its nodes
  std::uint64_t mem_mb = 0;          // likewise
  std::uint32_t at_once = 0;         // %N; 0: no limit
  Milliseconds limit_ms = 0;         // the time asked for, which the backfill plans with; 0: none
  std::vector<Milliseconds> run_ms;  // by element; a single one is that of all
  std::vector<SimAfter> after;
  [[nodiscard]] Milliseconds run_of(std::uint32_t element) const {
    return run_ms.size() == 1 ? run_ms[0] : run_ms[element];
  }
};

// Submission order, which is the order of the queue. Every job of it succeeds.
struct Workload {
  std::vector<SimArray> arrays;
  std::uint32_t correspond_after_task_cnt = 10;  // indices that aftercorr looks at
};

// By element; kNever where it could not begin. Time 0 is the moment at which the jobs are released.
struct SimRuns {
  std::vector<Milliseconds> ready;  // when all that it waits for had ended
  std::vector<Milliseconds> begin;
  std::vector<Milliseconds> end;
  std::vector<std::uint32_t> node;  // the first of its nodes
};

struct Simulated {
  std::vector<SimRuns> arrays;       // parallel to Workload::arrays
  Milliseconds makespan = 0;         // the last end
  std::int64_t busy_cpu_ms = 0;      // cpus times time, of what has begun
  std::vector<std::uint32_t> stuck;  // arrays with elements that never begin
};

// O(elements log nodes), and O(nodes + running jobs) for each run of the backfill that finds
// something to do.
Simulated simulate(const Workload& workload, const SimCluster& cluster, const SimTiming& timing);

// Bounds that every schedule of the workload respects, however good: the longest chain of elements,
// and all cpu time over all cpus. For tests, and for the text that compares.
Milliseconds critical_path(const Workload& workload);

}  // namespace wfc
