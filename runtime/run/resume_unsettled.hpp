// What will still be run by somebody, and who waits for it. Private to resume.cpp.
#pragma once

#include "runtime/plan/graph.hpp"

#include <algorithm>
#include <vector>

namespace wfr {

// The tasks of a step that will still be run by somebody.
class Unsettled {
 public:
  explicit Unsettled(std::uint32_t count) : flags_(count), before_(count + std::size_t{1}) {}
  void mark(std::uint32_t task) { flags_[task] = true; }
  // After the last mark: makes the counts that `any` reads.
  void close() {
    for (std::size_t i = 0; i < flags_.size(); ++i)
      before_[i + 1] = before_[i] + (flags_[i] ? 1U : 0U);
  }
  [[nodiscard]] bool any(Range range) const { return before_[range.end] > before_[range.begin]; }
  // At any time.
  [[nodiscard]] bool marked(std::uint32_t task) const { return flags_[task]; }

 private:
  std::vector<bool> flags_;
  std::vector<std::uint32_t> before_;
};

// True if a task of the range waits, over the edge, for an unsettled one.
inline bool waits_for_any(const TaskGraph& graph,
                          const Edge& edge,
                          Range tasks,
                          const Unsettled& unsettled) {
  if (!edge.pairs) {
    // Producers grow with the consumer: the first and the last one bound them.
    return unsettled.any({producers(graph, edge, tasks.begin).bounds().begin,
                          producers(graph, edge, tasks.end - 1).bounds().end});
  }
  for (TaskIndex task = tasks.begin; task < tasks.end; ++task) {
    const TaskList needed = producers(graph, edge, task);
    const bool waits = std::any_of(
        needed.begin(), needed.end(), [&](TaskIndex one) { return unsettled.marked(one); });
    if (waits) return true;
  }
  return false;
}

// The tasks of one block of the edge's later step, and of its earlier one.
struct BlockTasks {
  Range waiting;
  Range own;
};

// Inside a family only pairs leave a block: does a task wait for one of another block that is
// unsettled and chosen? Arrays are looked at by depth, so that what is to be run is marked.
template <class Chosen>
bool outside_producer(const TaskGraph& graph,
                      const Edge& edge,
                      BlockTasks block,
                      const Unsettled& unsettled,
                      const Chosen& chosen) {
  if (!edge.pairs) return false;
  for (TaskIndex task = block.waiting.begin; task < block.waiting.end; ++task) {
    const TaskList needed = producers(graph, edge, task);
    const bool waits = std::any_of(needed.begin(), needed.end(), [&](TaskIndex one) {
      return !block.own.contains(one) && unsettled.marked(one) && chosen(one);
    });
    if (waits) return true;
  }
  return false;
}

}  // namespace wfr
