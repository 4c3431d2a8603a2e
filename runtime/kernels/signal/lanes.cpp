// Four by four samples are turned over in registers: this moves as much as the filters compute.
#include "runtime/kernels/signal/lanes.hpp"

#include "runtime/kernels/signal/multiversion.hpp"

namespace wfr::signal {
namespace {

static_assert(kLanes == 4, "transpose() is written out for four lanes");

[[gnu::always_inline]] inline void transpose(std::array<Vector, kLanes>& rows) {
  const Vector low01 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 2, 6);
  const Vector high01 = __builtin_shufflevector(rows[0], rows[1], 1, 5, 3, 7);
  const Vector low23 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 2, 6);
  const Vector high23 = __builtin_shufflevector(rows[2], rows[3], 1, 5, 3, 7);
  rows[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  rows[1] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  rows[2] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  rows[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

// Where four neighbours of a lane lie in memory, and in which row their first one is.
struct Block {
  std::ptrdiff_t lowest;
  bool reversed;
};

[[gnu::always_inline]] inline Block block_at(std::size_t first, std::ptrdiff_t step) {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(first) * step;
  return step > 0 ? Block{at, false} : Block{at - static_cast<std::ptrdiff_t>(kLanes) + 1, true};
}

}  // namespace

WFR_MULTIVERSION
void gather(const Lanes<const double>& lanes, std::size_t first, std::span<Frame> frames) {
  std::size_t i = 0;
  for (; i + kLanes <= frames.size(); i += kLanes) {
    const Block block = block_at(first + i, lanes.step);
    std::array<Vector, kLanes> rows;
    for (std::size_t k = 0; k < kLanes; ++k) {
      load(rows[k], lanes.begin[k] + block.lowest);
    }
    transpose(rows);
    for (std::size_t k = 0; k < kLanes; ++k) {
      store(frames[i + (block.reversed ? kLanes - 1 - k : k)].data(), rows[k]);
    }
  }
  for (; i < frames.size(); ++i) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      frames[i][k] = lanes.begin[k][static_cast<std::ptrdiff_t>(first + i) * lanes.step];
    }
  }
}

WFR_MULTIVERSION
void scatter(std::span<const Frame> frames,
             double gain,
             const Lanes<double>& lanes,
             std::size_t first) {
  std::size_t i = 0;
  for (; i + kLanes <= frames.size(); i += kLanes) {
    const Block block = block_at(first + i, lanes.step);
    std::array<Vector, kLanes> rows;
    for (std::size_t k = 0; k < kLanes; ++k) {
      load(rows[k], frames[i + (block.reversed ? kLanes - 1 - k : k)].data());
      rows[k] = rows[k] * gain;
    }
    transpose(rows);
    for (std::size_t k = 0; k < kLanes; ++k) {
      store(lanes.begin[k] + block.lowest, rows[k]);
    }
  }
  for (; i < frames.size(); ++i) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      lanes.begin[k][static_cast<std::ptrdiff_t>(first + i) * lanes.step] = frames[i][k] * gain;
    }
  }
}

}  // namespace wfr::signal
