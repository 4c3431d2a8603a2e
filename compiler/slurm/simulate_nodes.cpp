// A segment tree over the nodes.
#include "compiler/slurm/simulate_nodes.hpp"

#include <algorithm>

namespace wfc {

SimNodes::SimNodes(const SimCluster& cluster)
    : count_(cluster.nodes), counts_memory_(cluster.mem_mb > 0), running_(cluster.nodes) {
  while (leaves_ < count_) leaves_ *= 2;
  free_.assign(std::size_t{2} * leaves_, SimNeed{0, 0});
  for (std::uint32_t node = 0; node < count_; ++node) {
    free_[leaves_ + node] = {cluster.cpus, cluster.mem_mb};
  }
  for (std::uint32_t node = 0; node < count_; ++node) update(node);
}

bool SimNodes::fits(std::uint32_t at, const SimNeed& need) const {
  return need.cpus <= free_[at].cpus && (!counts_memory_ || need.mem_mb <= free_[at].mem_mb);
}

std::optional<std::uint32_t> SimNodes::find(const SimNeed& need, std::uint32_t from) const {
  if (from >= count_) return std::nullopt;
  std::uint32_t at = leaves_ + from;
  while (true) {
    if (fits(at, need)) {
      if (at >= leaves_) break;
      at *= 2;
      continue;
    }
    // Up from right children, then to the right: the next subtree in order.
    while ((at & 1U) != 0) at /= 2;
    if (at == 0) return std::nullopt;
    ++at;
  }
  const std::uint32_t node = at - leaves_;
  return node < count_ ? std::optional(node) : std::nullopt;
}

void SimNodes::update(std::uint32_t node) {
  for (std::uint32_t at = (leaves_ + node) / 2; at > 0; at /= 2) {
    const SimNeed& left = free_[std::size_t{2} * at];
    const SimNeed& right = free_[std::size_t{2} * at + 1];
    free_[at] = {std::max(left.cpus, right.cpus), std::max(left.mem_mb, right.mem_mb)};
  }
}

void SimNodes::take(std::uint32_t node, const SimRunning& running) {
  SimNeed& free = free_[leaves_ + node];
  free.cpus -= running.need.cpus;
  if (counts_memory_) free.mem_mb -= running.need.mem_mb;
  running_[node].push_back(running);
  update(node);
}

void SimNodes::give(std::uint32_t node, std::uint32_t array, std::uint32_t element) {
  std::vector<SimRunning>& here = running_[node];
  const auto it = std::find_if(here.begin(), here.end(), [&](const SimRunning& running) {
    return running.array == array && running.element == element;
  });
  SimNeed& free = free_[leaves_ + node];
  free.cpus += it->need.cpus;
  if (counts_memory_) free.mem_mb += it->need.mem_mb;
  *it = here.back();
  here.pop_back();
  update(node);
}

}  // namespace wfc
