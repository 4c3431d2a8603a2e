// The passes that say how many directories share a job. Private to this room.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/draft.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace wfc {

// Fills Draft::pack: what `pack` or `target_time` ask for, less where that takes longer than the
// site lets a job run, more where the site takes fewer jobs. A target for tasks whose time is not
// known is reported.
std::vector<Draft> pack(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        std::vector<Draft> drafts,
                        std::vector<PassNote>& notes,
                        Sink& sink);

// What the automatic packing reads of a family.
struct Packable {
  LevelId level{};
  std::uint32_t level_nodes = 0;  // directories with work for any family of the level
  std::uint32_t nodes = 0;        // directories with work for this one
  std::uint32_t pack = 1;         // asked for: never made smaller
  std::uint32_t most = 1;         // the largest pack whose job ends in time
};

// The jobs and the calls of sbatch that a site takes from the families alone.
struct QueueRoom {
  static constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t jobs = kUnbounded;  // every array task counts
  std::uint64_t submissions = kUnbounded;
  std::uint64_t array_size = 1001;
};

QueueRoom room_of(const Workflow& workflow);

// The pack of each family: as asked where everything fits, or where nothing helps. Else the
// smallest that fit, the same for all families of a level: no level has more blocks than some
// bound, which is the largest that will do, and two arrays of Slurm's default size at most where
// one array is not longer. O(families x log nodes).
std::vector<std::uint32_t> packs_that_fit(const std::vector<Packable>& families,
                                          const QueueRoom& room);

}  // namespace wfc
