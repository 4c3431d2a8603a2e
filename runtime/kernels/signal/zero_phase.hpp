// Zero-phase filtering of a stream: forward, then backward, in memory that does not grow with it.
#pragma once

#include "runtime/kernels/signal/band_pass.hpp"
#include "runtime/kernels/signal/cascade.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace wfr::signal {

using Sink = std::function<void(std::span<const double>)>;

// Equal to scipy.signal.sosfiltfilt(sos, x, padtype="odd", padlen=padding), which is
// scipy.signal.filtfilt(b, a, x) with the rounding of the transfer function left out.
// Source: Gustafsson, Determining the initial states in forward-backward filtering, IEEE Trans.
// Signal Processing 44(4), 1996, section I (steady initial states and an odd extension).
//
// The backward pass does not wait for the end of the signal: a filter forgets. It runs over one
// tile at a time, begun from rest BandPass::memory samples after the tile, by when the true state
// and any other differ by less than 1e-20 of its size. For the same reason a tile is cut into
// lanes that are filtered side by side. Where the tiles lie depends on the filter alone, so the
// result does not depend on how the signal was cut into calls of push().
class ZeroPhase {
 public:
  // `padding`: samples of the odd extension at each end. `most`: samples that will be pushed at
  // most; fewer than a tile take less memory.
  ZeroPhase(const BandPass& filter, std::size_t padding, std::uint64_t most);

  // What such a ZeroPhase will hold at most.
  static std::uint64_t bytes(const BandPass& filter, std::size_t padding, std::uint64_t most);

  // Takes the next samples; hands those that are done to `sink`, in order.
  void push(std::span<const double> samples, const Sink& sink);
  // No more will come: hands over the rest. At least padding + 1 samples must have been pushed.
  // One object filters one signal.
  void finish(const Sink& sink);

 private:
  void begin();
  void begin_tile();
  void feed(std::span<const double> samples, const Sink& sink);
  void filter_tile();
  void emit(std::span<const double> samples, const Sink& sink);
  [[nodiscard]] std::size_t lane_size() const { return tile_ / kLanes; }

  const BandPass* filter_;
  std::size_t padding_;
  std::size_t tile_;
  std::uint64_t left_;  // samples of the extended signal that begin_tile() has no room for yet
  Cascade forward_;     // lane 0: the state at the end of `current_`
  std::vector<double> previous_;  // a full tile after the forward pass, or empty
  std::vector<double> current_;   // extended input, filled up to fill_
  std::size_t fill_ = 0;
  std::vector<double> ends_;  // first the head of the signal, then its last padding + 1 samples
  bool started_ = false;
  std::uint64_t pushed_ = 0;
  std::uint64_t emitted_ = 0;  // of the extended signal
};

}  // namespace wfr::signal
