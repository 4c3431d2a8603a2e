// What Slurm does with the arrays of a plan, as a machine of small steps: elements start when their
// dependencies allow it, end, are cancelled, and are forgotten.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace wfc::test {

// What is decided by chance, given the seed.
struct Chance {
  explicit Chance(std::uint32_t seed) : engine(seed) {}
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine() % bound); }
  bool one_in(std::uint32_t odds) { return below(odds) == 0; }
  std::mt19937 engine;
};

using TaskKey = std::pair<std::uint32_t, std::uint32_t>;  // step, index

struct Outcome {
  std::set<TaskKey> ran;   // whose commands were started
  std::set<TaskKey> lost;  // of jobs that somebody cancelled
  bool stuck = false;      // something waits for ever
  bool over_limit = false;
  bool twice = false;  // a task ran in two jobs at once, or twice in one pass
};

struct Faults {
  std::set<TaskKey> failing;               // fail when they run
  std::map<TaskKey, std::uint32_t> cured;  // of these: want of memory, succeed from this pass on
  bool losses = false;                     // running jobs are killed now and then, as with a node
};

// Slurm 22.05 as observed (docs/explanation/dependencies.md), the order of events by chance:
// - the first `window` pending elements of an array are looked at often; of later ones the
// producers
//   may have been purged by the time that they are looked at;
// - aftercorr on an element that is purged, or that the earlier array does not have, means afterok
// on
//   the whole array;
// - an element whose success dependency can no longer be satisfied is cancelled.
// wfr's part: a job asks for the verdicts of other jobs' tasks when it starts, and its own become
// known when it ends. A job of a later pass runs what has failed for want of memory, as long as its
// step's retry goes, and what has not been run and has all its producers now.
Outcome run_model(const wfr::Plan& plan,
                  std::uint32_t window,
                  const Faults& faults,
                  Chance& chance);

}  // namespace wfc::test
