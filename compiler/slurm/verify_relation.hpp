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

// What would otherwise be looked for among all edges and steps at every question.
struct StepIndex {
  explicit StepIndex(const wfr::Plan& plan);
  std::vector<std::vector<const wfr::Edge*>> out_of;  // by StepId: edges from the step
  std::vector<std::uint32_t> position;                // by StepId: in Plan::order, or kNone
};

// Task `blocked` cannot run once `failed` has failed, directly or through others: does that hold
// for every pair of two ranges? Remembers what it has found about a range until forget().
class Blocking {
 public:
  Blocking(const wfr::Plan& plan, const StepIndex& steps) : plan_(plan), steps_(steps) {}
  // The first pair for which it does not hold; nullopt when all are blocked. Time: where no edge
  // says so at once, proportional to the steps between the two and their edges.
  std::optional<std::pair<wfr::Task, wfr::Task>> exception(wfr::StepId failed,
                                                           wfr::Range failures,
                                                           wfr::StepId blocked,
                                                           wfr::Range tasks);
  void forget() { found_.clear(); }

 private:
  wfr::Range directly_blocking(wfr::StepId failed, wfr::StepId blocked, wfr::Range tasks) const;
  wfr::Range surely_blocking(wfr::StepId failed, wfr::StepId blocked, wfr::Range tasks);
  wfr::Range with_consumer_in(const wfr::Edge& edge, wfr::Range consumers) const;
  std::optional<wfr::TaskIndex> not_blocked(wfr::Task failed,
                                            wfr::StepId blocked,
                                            wfr::Range tasks) const;
  [[nodiscard]] std::uint32_t position(wfr::StepId step) const {
    return steps_.position[wfr::index_of(step)];
  }
  [[nodiscard]] const std::vector<const wfr::Edge*>& out_of(wfr::StepId step) const {
    return steps_.out_of[wfr::index_of(step)];
  }

  const wfr::Plan& plan_;
  const StepIndex& steps_;
  using Key = std::pair<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>;
  // By step and range: for the steps before it, from the last one back.
  std::map<Key, std::vector<wfr::Range>> found_;
};

}  // namespace wfc::readback
