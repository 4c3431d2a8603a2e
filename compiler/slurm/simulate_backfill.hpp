// Reservations of one run of the backfill: where and when jobs that wait will begin at the latest.
#pragma once

#include "compiler/slurm/simulate_nodes.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// Built anew for each run; the nodes must not change but through charge().
class SimBackfill {
 public:
  SimBackfill(const SimNodes& nodes, Milliseconds now);

  // Holds the earliest places for up to `elements` elements of `need` on each of `width` nodes,
  // going by the time limits of what runs. Nothing is held when a running job without a limit is in
  // the way for ever.
  void reserve(const SimNeed& need, std::uint32_t width, std::uint32_t elements);
  // True if a job of `need` that runs from now until `until` (kNever: without end) delays no
  // reservation on the node.
  [[nodiscard]] bool admits(std::uint32_t node, const SimNeed& need, Milliseconds until) const;
  // It has been started there.
  void charge(std::uint32_t node, const SimNeed& need, Milliseconds until);

 private:
  struct Held {
    Milliseconds from = 0;
    SimNeed need;
    // What is left at `from` when everything held until then has begun.
    SimNeed spare;
  };
  struct Place {
    Milliseconds from = 0;
    std::uint32_t node = 0;
    SimNeed spare;
  };
  void find_places(std::uint32_t node,
                   const SimNeed& need,
                   std::uint32_t most,
                   std::vector<Place>& places) const;

  const SimNodes& nodes_;
  Milliseconds now_;
  std::vector<std::vector<Held>> held_;  // by node
};

}  // namespace wfc
