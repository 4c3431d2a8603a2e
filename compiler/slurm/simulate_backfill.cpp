// Finds the earliest places from the time limits of what runs, and keeps them free.
#include "compiler/slurm/simulate_backfill.hpp"

#include <algorithm>

namespace wfc {
namespace {

bool covers(const SimNeed& have, const SimNeed& need, bool memory) {
  return have.cpus >= need.cpus && (!memory || have.mem_mb >= need.mem_mb);
}

void subtract(SimNeed& from, const SimNeed& need) {
  from.cpus -= std::min(from.cpus, need.cpus);
  from.mem_mb -= std::min(from.mem_mb, need.mem_mb);
}

}  // namespace

SimBackfill::SimBackfill(const SimNodes& nodes, Milliseconds now)
    : nodes_(nodes), now_(now), held_(nodes.count()) {}

// Sweeps over the ends of what runs on the node. Whatever is held there already is taken off for
// all time, which errs on the side of the job that waits longest.
void SimBackfill::find_places(std::uint32_t node,
                              const SimNeed& need,
                              std::uint32_t most,
                              std::vector<Place>& places) const {
  SimNeed have = nodes_.free_on(node);
  std::vector<SimRunning> ends = nodes_.running_on(node);
  std::sort(ends.begin(), ends.end(), [](const SimRunning& a, const SimRunning& b) {
    if ((a.until == kNever) != (b.until == kNever)) return b.until == kNever;
    return a.until < b.until;
  });
  // Held needs are taken as soon as the node has them.
  SimNeed owed{0, 0};
  for (const Held& held : held_[node]) {
    owed.cpus += held.need.cpus;
    owed.mem_mb += held.need.mem_mb;
  }
  const bool memory = nodes_.counts_memory();
  Milliseconds from = now_;
  std::uint32_t found = 0;
  for (std::size_t next = 0; found < most;) {
    SimNeed asked = owed;
    asked.cpus += need.cpus;
    asked.mem_mb += need.mem_mb;
    if (covers(have, asked, memory)) {
      SimNeed spare = have;
      subtract(spare, asked);
      places.push_back({from, node, spare});
      owed = asked;
      ++found;
      continue;
    }
    if (next == ends.size() || ends[next].until == kNever) return;
    from = std::max(from, ends[next].until);
    have.cpus += ends[next].need.cpus;
    have.mem_mb += ends[next].need.mem_mb;
    ++next;
  }
}

void SimBackfill::reserve(const SimNeed& need, std::uint32_t width, std::uint32_t elements) {
  // An element over several nodes takes one place on each of the `width` earliest.
  const std::uint32_t wanted = width > 1 ? width : elements;
  std::vector<Place> places;
  for (std::uint32_t node = 0; node < nodes_.count(); ++node) {
    find_places(node, need, width > 1 ? 1 : elements, places);
  }
  if (places.size() < width) return;
  const auto last = places.begin() + std::min<std::ptrdiff_t>(wanted, std::ssize(places));
  std::partial_sort(places.begin(), last, places.end(), [](const Place& a, const Place& b) {
    return a.from != b.from ? a.from < b.from : a.node < b.node;
  });
  const Milliseconds together = std::prev(last)->from;
  for (auto place = places.begin(); place != last; ++place) {
    const Milliseconds from = width > 1 ? together : place->from;
    held_[place->node].push_back({from, need, place->spare});
  }
}

bool SimBackfill::admits(std::uint32_t node, const SimNeed& need, Milliseconds until) const {
  return std::all_of(held_[node].begin(), held_[node].end(), [&](const Held& held) {
    const bool ends_before = until != kNever && until <= held.from;
    return ends_before || covers(held.spare, need, nodes_.counts_memory());
  });
}

void SimBackfill::charge(std::uint32_t node, const SimNeed& need, Milliseconds until) {
  for (Held& held : held_[node]) {
    if (until == kNever || until > held.from) subtract(held.spare, need);
  }
}

}  // namespace wfc
