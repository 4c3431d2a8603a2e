// The smallest packs with which the queue takes every family.
#include "compiler/graph/packing.hpp"

#include <algorithm>

namespace wfc {
namespace {

// Where tasks have to share jobs anyway, a step takes two arrays of Slurm's default size and not
// the whole queue: other people's jobs find room in it, and jobs of few short tasks mostly start.
constexpr std::uint64_t kEnoughJobs = 2002;

std::uint64_t divide_up(std::uint64_t amount, std::uint64_t by) {
  return (amount + by - 1) / by;
}

// With no more than `bound` blocks at any level.
std::uint32_t pack_within(const Packable& family, std::uint64_t bound) {
  const auto wanted = static_cast<std::uint32_t>(divide_up(family.level_nodes, bound));
  return std::max(family.pack, std::max(std::min(wanted, family.most), 1U));
}

bool fits(const std::vector<Packable>& families, const QueueRoom& room, std::uint64_t bound) {
  std::uint64_t jobs = 0;
  std::uint64_t submissions = 0;
  for (const Packable& family : families) {
    const std::uint64_t blocks = divide_up(family.level_nodes, pack_within(family, bound));
    // A block without work is no job.
    jobs += std::min<std::uint64_t>(family.nodes, blocks);
    submissions += divide_up(blocks, room.array_size);
  }
  return jobs <= room.jobs && submissions <= room.submissions;
}

}  // namespace

std::vector<std::uint32_t> packs_that_fit(const std::vector<Packable>& families,
                                          const QueueRoom& room) {
  std::uint64_t unpacked = 1;
  for (const Packable& family : families) {
    unpacked = std::max<std::uint64_t>(unpacked, family.level_nodes);
  }
  std::uint64_t good = 1;
  std::uint64_t too_many = unpacked + 1;
  if (fits(families, room, unpacked) || !fits(families, room, 1)) good = unpacked;
  while (too_many - good > 1) {
    const std::uint64_t middle = good + (too_many - good) / 2;
    (fits(families, room, middle) ? good : too_many) = middle;
  }
  if (good < unpacked) {
    good = std::min(good, std::max<std::uint64_t>(kEnoughJobs, room.array_size));
    // Whole arrays: a short last one costs a call of sbatch as well.
    if (good > room.array_size) good -= good % room.array_size;
  }
  std::vector<std::uint32_t> packs;
  packs.reserve(families.size());
  for (const Packable& family : families) packs.push_back(pack_within(family, good));
  return packs;
}

}  // namespace wfc
