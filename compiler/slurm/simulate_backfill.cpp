// Finds the earliest nodes from the time limits of what runs, and keeps them free.
#include "compiler/slurm/simulate_backfill.hpp"

#include <algorithm>

namespace wfc {

SimBackfill::SimBackfill(const SimNodes& nodes, Milliseconds now)
    : nodes_(nodes),
      now_(now),
      held_from_(nodes.count(), kNever),
      held_until_(nodes.count(), now) {}

// When what runs on the node will have left room by its limits; kNever: not in sight.
Milliseconds SimBackfill::room_at(std::uint32_t node, const SimNeed& need) const {
  SimNeed have = nodes_.free_on(node);
  const auto enough = [&] {
    return have.cpus >= need.cpus && (!nodes_.counts_memory() || have.mem_mb >= need.mem_mb);
  };
  if (enough()) return now_;
  std::vector<SimRunning> ends = nodes_.running_on(node);
  std::sort(ends.begin(), ends.end(), [](const SimRunning& a, const SimRunning& b) {
    if ((a.until == kNever) != (b.until == kNever)) return b.until == kNever;
    return a.until < b.until;
  });
  for (const SimRunning& running : ends) {
    if (running.until == kNever) return kNever;
    have.cpus += running.need.cpus;
    have.mem_mb += running.need.mem_mb;
    if (enough()) return std::max(now_, running.until);
  }
  return kNever;
}

void SimBackfill::reserve(const SimArray& array, std::uint32_t elements) {
  struct Place {
    Milliseconds room = 0;
    std::uint32_t node = 0;
  };
  std::vector<Place> places;
  for (std::uint32_t node = 0; node < nodes_.count(); ++node) {
    const Milliseconds room = room_at(node, {array.cpus, array.mem_mb});
    if (room != kNever) places.push_back({room, node});
  }
  if (places.size() < array.nodes) return;
  const auto from = [&](const Place& place) {
    return std::max(place.room, held_until_[place.node]);
  };
  const auto earlier = [&](const Place& a, const Place& b) {
    const bool never_a = held_until_[a.node] == kNever;
    const bool never_b = held_until_[b.node] == kNever;
    if (never_a != never_b) return never_b;
    return from(a) != from(b) ? from(a) < from(b) : a.node < b.node;
  };
  for (std::uint32_t e = 0; e < elements; ++e) {
    const auto last = places.begin() + array.nodes;
    std::partial_sort(places.begin(), last, places.end(), earlier);
    if (held_until_[std::prev(last)->node] == kNever) return;
    const Milliseconds begin = from(*std::prev(last));
    for (auto place = places.begin(); place != last; ++place) {
      if (held_from_[place->node] == kNever) held_from_[place->node] = begin;
      held_until_[place->node] = array.limit_ms == 0 ? kNever : begin + array.limit_ms;
    }
  }
}

bool SimBackfill::admits(std::uint32_t node, Milliseconds until) const {
  return held_from_[node] == kNever || (until != kNever && until < held_from_[node]);
}

}  // namespace wfc
