// The nodes of a simulated cluster: what is free on each, and which is the first with room.
#pragma once

#include "compiler/slurm/simulate.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wfc {

// What one element takes of one node.
struct SimNeed {
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;
};

// One element on one node.
struct SimRunning {
  std::uint32_t array = 0;
  std::uint32_t element = 0;
  Milliseconds until = kNever;  // when its time limit ends it; kNever: it has none
  SimNeed need;
};

// First fit in the order of the nodes. O(log nodes) when cpus and memory run out together.
class SimNodes {
 public:
  explicit SimNodes(const SimCluster& cluster);
  // The first node, from `from` on, with room for `need` now.
  [[nodiscard]] std::optional<std::uint32_t> find(const SimNeed& need,
                                                  std::uint32_t from = 0) const;
  void take(std::uint32_t node, const SimRunning& running);
  void give(std::uint32_t node, std::uint32_t array, std::uint32_t element);

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool counts_memory() const { return counts_memory_; }
  [[nodiscard]] const SimNeed& free_on(std::uint32_t node) const { return free_[leaves_ + node]; }
  [[nodiscard]] const std::vector<SimRunning>& running_on(std::uint32_t node) const {
    return running_[node];
  }

 private:
  [[nodiscard]] bool fits(std::uint32_t at, const SimNeed& need) const;
  void update(std::uint32_t node);

  std::uint32_t count_;
  bool counts_memory_;
  std::uint32_t leaves_ = 1;   // a power of two
  std::vector<SimNeed> free_;  // a segment tree: the most cpus and the most memory below a vertex
  std::vector<std::vector<SimRunning>> running_;
};

}  // namespace wfc
