// The tasks of a block, what will still be run by somebody, and who waits for it. Private to
// resume.cpp.
#pragma once

#include "runtime/plan/plan.hpp"

#include <algorithm>
#include <vector>

namespace wfr {

// Every task of a block.
template <class Use>
void for_each_task(const StepRanges& tasks, const Use& use) {
  for (const auto& [step, ranges] : tasks) {
    for (const Range& range : ranges) {
      for (TaskIndex task = range.begin; task < range.end; ++task) use(Task{step, task});
    }
  }
}

// Of a block, the ranges of one of its steps; null where the step is none of them.
inline const std::vector<Range>* ranges_of(const StepRanges& tasks, StepId step) {
  const auto found = std::find_if(
      tasks.begin(), tasks.end(), [&](const auto& entry) { return entry.first == step; });
  return found == tasks.end() ? nullptr : &found->second;
}

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

// True if one of the tasks waits, over the edge, for an unsettled one.
inline bool waits_for_any(const TaskGraph& graph,
                          const Edge& edge,
                          const std::vector<Range>& tasks,
                          const Unsettled& unsettled) {
  const auto one_waits = [&](TaskIndex task) {
    const TaskList needed = producers(graph, edge, task);
    return std::any_of(
        needed.begin(), needed.end(), [&](TaskIndex one) { return unsettled.marked(one); });
  };
  return std::any_of(tasks.begin(), tasks.end(), [&](Range range) {
    if (!edge.pairs) {
      // Producers grow with the consumer: the first and the last one bound them.
      return unsettled.any({producers(graph, edge, range.begin).bounds().begin,
                            producers(graph, edge, range.end - 1).bounds().end});
    }
    for (TaskIndex task = range.begin; task < range.end; ++task) {
      if (one_waits(task)) return true;
    }
    return false;
  });
}

// The tasks of one block of the edge's later step, and of its earlier one: ascending ranges.
struct BlockTasks {
  const std::vector<Range>& waiting;
  const std::vector<Range>& own;
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
  const auto waits = [&](TaskIndex one) {
    return !holds(block.own, one) && unsettled.marked(one) && chosen(one);
  };
  for (const Range& range : block.waiting) {
    for (TaskIndex task = range.begin; task < range.end; ++task) {
      const TaskList needed = producers(graph, edge, task);
      if (std::any_of(needed.begin(), needed.end(), waits)) return true;
    }
  }
  return false;
}

}  // namespace wfr
