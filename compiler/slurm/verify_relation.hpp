// What the workflow itself says of its tasks: who waits for whom, and whom a failure blocks.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace wfc::readback {

// The number of pairs that an edge relates. Time: proportional to the directories of its level.
std::uint64_t count_relations(const wfr::TaskGraph& graph, const wfr::Edge& edge);

// The smallest range that holds all producers of a range of tasks. O(depth), with pairs
// O(pairs).
wfr::Range producers_of(const wfr::TaskGraph& graph, const wfr::Edge& edge, wfr::Range tasks);

// Task `blocked` cannot run once `failed` has failed, directly or through others: does that hold
// for every pair of two ranges? Remembers what it has found about a range.
class Blocking {
 public:
  explicit Blocking(const wfr::Plan& plan) : plan_(plan) {}
  // The first pair for which it does not hold; nullopt when all are blocked.
  std::optional<std::pair<wfr::Task, wfr::Task>> exception(wfr::StepId failed,
                                                           wfr::Range failures,
                                                           wfr::StepId blocked,
                                                           wfr::Range tasks);

 private:
  std::vector<wfr::Range> surely_blocking(wfr::StepId blocked, wfr::Range tasks) const;
  wfr::Range with_consumer_in(const wfr::Edge& edge, wfr::Range consumers) const;
  std::optional<wfr::TaskIndex> not_blocked(wfr::Task failed,
                                            wfr::StepId blocked,
                                            wfr::Range tasks) const;

  const wfr::Plan& plan_;
  using Key = std::pair<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>;
  std::map<Key, std::vector<wfr::Range>> found_;  // by step and range
};

}  // namespace wfc::readback
