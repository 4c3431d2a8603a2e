// Between stretches of a signal, each in its own place, and frames that hold a sample of each.
#pragma once

#include "runtime/kernels/signal/cascade.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace wfr::signal {

// Lane k holds begin[k], begin[k] + step, begin[k] + 2 step, ...
template <typename T>
struct Lanes {
  std::array<T*, kLanes> begin;
  std::ptrdiff_t step;  // 1 forward, -1 backward in time
};

// frames[i][k] = sample first + i of lane k.
void gather(const Lanes<const double>& lanes, std::size_t first, std::span<Frame> frames);

// The other way, times `gain`.
void scatter(std::span<const Frame> frames,
             double gain,
             const Lanes<double>& lanes,
             std::size_t first);

}  // namespace wfr::signal
