// Which task is next: a countdown per edge and via node, the weights of tasks, and no input or
// output. O(tasks + nodes) work for a whole job, whatever the number of producers of a gather, and
// O(pairs) where a file gives them.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

// What one job has to give. mem_mb 0: memory is not counted.
struct Budget {
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;
  // The job has been given its GPUs, nodes and ranks as a whole: tasks that ask for any run alone.
  bool allocated = false;
};

class Scheduler {
 public:
  // Throws std::invalid_argument where the ranges of a step do not ascend: a task is given once.
  Scheduler(const Plan& plan,
            const std::vector<std::pair<StepId, Range>>& tasks,
            const Budget& budget);

  // The next task that is ready and fits what is free; takes its weight. In topological order of
  // steps, then by index. A task that has been overtaken too often holds the others back.
  std::optional<Task> next();
  // Its process has ended, or it never had one: the weight is free again.
  void release(Task task);
  // Its verdict is recorded: what waits for it may become ready.
  void finished(Task task);
  // Ready once more, for another attempt; release() has been called.
  void again(Task task);

  [[nodiscard]] std::uint64_t remaining() const { return remaining_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint32_t free_cpus() const { return free_cpus_; }
  // Cpus that a task of this step is given: its own, but never more than the job has.
  [[nodiscard]] std::uint32_t cpus_of(StepId step) const;
  // Steps whose tasks ask for more than the whole job has: each of them runs alone.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Step {
    StepId id{};
    std::vector<Range> ranges;           // of its tasks, ascending, none empty
    std::vector<std::uint32_t> places;   // tasks in the ranges before each
    std::vector<std::uint32_t> pending;  // by place: edges with an unfinished producer in this job
    std::vector<TaskIndex> ready;        // min-heap
    std::vector<std::size_t> out_edges;  // into edges_
    std::uint32_t cpus = 1;
    std::uint64_t mem_mb = 0;
    std::uint32_t running = 0;
    std::uint32_t limit = 0;
    std::uint64_t overtaken = 0;  // starts of later steps while this one's first task did not fit
  };
  // An edge with both ends in this job. `left[v - first]`: its producers below via node v that are
  // not finished; of an edge with pairs, by place: those of a task of `to`.
  struct InnerEdge {
    std::size_t from = 0;  // into steps_
    std::size_t to = 0;
    const Edge* edge = nullptr;
    Ordinal first = 0;
    std::vector<std::uint32_t> left;
  };

  void add_steps(const std::vector<std::pair<StepId, Range>>& tasks);
  void add_edges();
  void count_nodes(InnerEdge& edge);
  void count_pairs(InnerEdge& edge);
  // One edge less keeps the task waiting.
  static void less_pending(Step& step, TaskIndex index);
  // Calls use(task) for the tasks of a step in this job below a node.
  template <class Use>
  void for_each_below(const Step& step, LevelId via, Ordinal node, const Use& use) const;
  // Where a task is among the step's in this job; kNone when it is none of them. O(log ranges).
  [[nodiscard]] static std::uint32_t place_of(const Step& step, TaskIndex task);
  static void make_ready(Step& step, TaskIndex index);
  [[nodiscard]] bool fits(const Step& step) const;
  Step& step_of(StepId id) { return steps_[position_[index_of(id)]]; }

  const Plan& plan_;
  Budget budget_;
  std::uint32_t free_cpus_;
  std::uint64_t free_mem_mb_;
  std::vector<Step> steps_;              // topological order
  std::vector<std::uint32_t> position_;  // by StepId: into steps_, or kNone
  std::vector<InnerEdge> edges_;
  std::uint64_t total_ = 0;
  std::uint64_t remaining_ = 0;
};

}  // namespace wfr
