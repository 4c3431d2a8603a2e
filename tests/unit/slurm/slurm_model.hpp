// What Slurm does with the arrays of a plan, as a machine of small steps: elements start when their
// dependencies allow it, end, are cancelled, and are forgotten.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/resume.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
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
// known when it ends; what is done is not run again. A job of a later pass runs what has failed for
// want of memory, as long as its step's retry goes, and what has not been run and has all its
// producers now.
class SlurmModel {
 public:
  // The first submission: all arrays of the plan, by position; their ids count from 1. `faults` may
  // change between two runs.
  SlurmModel(const wfr::Plan& plan, std::uint32_t window, const Faults& faults);
  ~SlurmModel();
  SlurmModel(const SlurmModel&) = delete;
  SlurmModel& operator=(const SlurmModel&) = delete;

  // To the end, or so many events. The outcome is of all runs so far.
  Outcome run(Chance& chance, std::uint32_t events = std::numeric_limits<std::uint32_t>::max());
  // As submit.sh does before another submission: what waits for other jobs is cancelled. Returns
  // the rest of the queue.
  std::vector<wfr::LiveElement> clear_queue();
  // Another submission; returns the ids of its parts.
  std::vector<std::uint32_t> submit(const wfr::ResumePlan& resume);
  [[nodiscard]] const std::set<TaskKey>& done() const;
  [[nodiscard]] const std::set<TaskKey>& failed() const;

 private:
  class Model;
  std::unique_ptr<Model> model_;
};

// One submission to its end.
Outcome run_model(const wfr::Plan& plan,
                  std::uint32_t window,
                  const Faults& faults,
                  Chance& chance);

}  // namespace wfc::test
