// Families that are merged while their graph stays without a cycle. Private to this room.
#pragma once

#include "compiler/graph/draft.hpp"

#include <cstddef>
#include <vector>

namespace wfc {

class Groups {
 public:
  // Group i is drafts[i]. Edges from or to steps of no draft do not count.
  Groups(const Workflow& workflow, const std::vector<wfr::Edge>& edges, std::vector<Draft> drafts);

  [[nodiscard]] const Draft& draft(std::size_t group) const { return drafts_[group]; }
  [[nodiscard]] Draft& draft(std::size_t group) { return drafts_[group]; }
  // False for a step of no draft.
  [[nodiscard]] bool has(StepId step) const;
  [[nodiscard]] std::size_t of(StepId step) const { return group_of_[wfr::index_of(step)]; }

  // The steps of a path from one group to the other through a third, with both ends; empty when
  // there is none in either direction: then the two may be merged. O(steps + edges).
  [[nodiscard]] std::vector<StepId> between(std::size_t a, std::size_t b) const;
  // True if the second waits for the first, whatever lies between. O(steps + edges).
  [[nodiscard]] bool reaches(std::size_t from, std::size_t to) const;
  // The steps of `from` join those of `into`; the group `from` is gone.
  void merge(std::size_t into, std::size_t from);

  // What is left, in topological order (Kahn), ties by the first step.
  [[nodiscard]] std::vector<Draft> ordered() const;

 private:
  [[nodiscard]] std::vector<StepId> path(std::size_t from, std::size_t to, bool direct_too) const;

  std::vector<Draft> drafts_;                   // without steps: merged into another
  std::vector<std::size_t> group_of_;           // by StepId
  std::vector<std::size_t> position_;           // by StepId: in the workflow's order
  std::vector<std::vector<StepId>> consumers_;  // by StepId
};

}  // namespace wfc
