// A small workflow in memory: sessions with channels, and steps with edges, as the earlier passes
// leave it.
#pragma once

#include "compiler/slurm/lower.hpp"

#include <string>
#include <vector>

namespace wfc::test {

inline constexpr LevelId kSession{1};
inline constexpr LevelId kChannel{2};

// Names s0, s1, ... and c0, c1, ... below each.
class Example {
 public:
  Example(std::uint32_t sessions, std::uint32_t channels);
  // A step with a task at every directory of the level.
  StepId step(const std::string& name, LevelId each);
  StepId finalizer(const std::string& name, wfr::FinalizerKind kind);
  // Keeps the tasks of a step where `keep` says so, by node.
  void only(StepId step, const std::vector<bool>& keep);
  void edge(StepId from, StepId to, LevelId via);
  // (task of `from`, task of `to`)
  void pairs(StepId from,
             StepId to,
             const std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>>& list);
  // partition_by_step and lower.
  wfr::Plan lower(Sink& sink);
  // The same with families and block maps by hand; adds to `notes`.
  wfr::Plan lower(JobGraph jobs, Sink& sink);

  Workflow workflow;
  wfr::TaskGraph graph;
  std::vector<PassNote> notes;
};

// All nodes of a level, `nodes` of them, so many in a block; 1: without a list of blocks.
wfr::BlockMap packed_map(LevelId level, std::uint32_t nodes, std::uint32_t pack, JobGraph& jobs);

wfr::Tree make_tree(std::uint32_t sessions, std::uint32_t channels);

// "02-b: 0-5 after aftercorr:01-a", a line for each array.
std::string describe(const wfr::Plan& plan);

}  // namespace wfc::test
