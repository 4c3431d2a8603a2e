// Design of a digital Butterworth band-pass filter as a cascade of second-order sections.
#pragma once

#include <cstddef>
#include <vector>

namespace wfr::signal {

// H(z) = (1 - z^-2) / (1 + a1 z^-1 + a2 z^-2). Each section of a band-pass takes one zero at 0 Hz
// and one at half the rate, so its numerator needs no multiplication and rests at a constant input.
struct Section {
  double a1;
  double a2;
};

struct BandPass {
  std::vector<Section> sections;  // as many as the order of the prototype
  double gain;                    // of the whole cascade, applied once: 1 at the centre of the band
  std::size_t memory;  // samples after which a wrong initial state is below 1e-20 of its size
};

struct BandPassSpec {
  double low;   // Hz, > 0
  double high;  // Hz, > low and < rate / 2
  double rate;  // Hz
  int order;    // of the low-pass prototype, >= 1
};

// Equal to scipy.signal.butter(order, [low, high], "bandpass", fs=rate), as transfer function.
// Source: Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., sections 7.2 (bilinear
// transformation with prewarped corners) and appendix B (Butterworth prototype).
// Throws KernelError where the band does not lie between 0 and half the rate, or is so narrow or
// so low against the rate that double precision cannot hold a stable filter.
BandPass design_band_pass(const BandPassSpec& spec);

// How many samples scipy.signal.filtfilt adds at each end for this filter by default:
// 3 * max(len(a), len(b)), where both have two coefficients per section and one.
std::size_t default_padding(const BandPass& filter);

}  // namespace wfr::signal
