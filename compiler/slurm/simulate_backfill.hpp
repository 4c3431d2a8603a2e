// Reservations of one run of the backfill: where and when jobs that wait will begin at the latest.
//
// As in Slurm's node_space table whole nodes are held, whatever part of them the job needs: while
// an array waits for three of a node's four cpus, the fourth stays empty for longer jobs
// (observed on Slurm 22.05, docs/explanation/planning.md).
#pragma once

#include "compiler/slurm/simulate_nodes.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// Built anew for each run of the backfill.
class SimBackfill {
 public:
  SimBackfill(const SimNodes& nodes, Milliseconds now);

  // Holds the earliest nodes for up to `elements` elements of an array, going by the time limits of
  // what runs and of what is held already; gaps between those are not used. Nothing is held where
  // something without a limit is in the way.
  void reserve(const SimArray& array, std::uint32_t elements);
  // True if a job that runs on the node from now until `until` (kNever: without end) is over before
  // anybody who holds the node begins: Slurm rounds its end up to bf_resolution.
  [[nodiscard]] bool admits(std::uint32_t node, Milliseconds until) const;

 private:
  [[nodiscard]] Milliseconds room_at(std::uint32_t node, const SimNeed& need) const;

  const SimNodes& nodes_;
  Milliseconds now_;
  std::vector<Milliseconds> held_from_;   // by node: the first reservation's begin; kNever: none
  std::vector<Milliseconds> held_until_;  // the last one's end; kNever: it has none
};

}  // namespace wfc
