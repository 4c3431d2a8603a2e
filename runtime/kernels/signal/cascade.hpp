// Runs a cascade of second-order sections over four independent signals at once.
#pragma once

#include "runtime/kernels/signal/band_pass.hpp"
#include "runtime/kernels/signal/vector.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace wfr::signal {

// A recursion cannot be vectorised along time, so it is vectorised across stretches of the signal.
inline constexpr std::size_t kLanes = kWidth;
using Frame = std::array<double, kLanes>;  // one sample of each lane

// The two delays of a section in transposed direct form II, per lane.
struct Delays {
  Frame first;
  Frame second;
};

class Cascade {
 public:
  explicit Cascade(const BandPass& filter) : filter_(&filter), delays_(filter.sections.size()) {}

  // Every lane as if all samples before had been zero.
  void clear();
  // Lane `lane` as if all samples before had been `value`: scipy.signal.sosfilt_zi times `value`.
  void settle(std::size_t lane, double value);
  // Lane `to` goes on where lane `from` of `other` stopped.
  void copy_lane(std::size_t to, const Cascade& other, std::size_t from);

  // Filters in place; successive calls continue.
  void run(std::span<Frame> frames);

 private:
  const BandPass* filter_;
  std::vector<Delays> delays_;
};

// Denormal numbers count as zero while this lives: the decay of a filter into silence would
// otherwise cost a hundred times the ordinary work.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned saved_ = 0;
};

}  // namespace wfr::signal
