// Butterworth prototype, low-pass to band-pass, bilinear transformation; poles kept in pairs.
#include "runtime/kernels/signal/band_pass.hpp"

#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include <fmt/format.h>

namespace wfr::signal {
namespace {

using Complex = std::complex<double>;

// 1e-20 leaves room for the residues of steep filters (up to about 1e5) above double precision.
constexpr double kForgotten = 46.05;  // -ln(1e-20)

struct AnalogBand {
  double width;   // rad per sample interval, prewarped
  double centre;  // the geometric mean of the corners
};

AnalogBand prewarp(const BandPassSpec& spec) {
  // The bilinear transformation s = 2 (z - 1) / (z + 1) for a sample interval of 1.
  const double low = 2 * std::tan(std::numbers::pi * spec.low / spec.rate);
  const double high = 2 * std::tan(std::numbers::pi * spec.high / spec.rate);
  return {high - low, std::sqrt(low * high)};
}

Complex to_digital(Complex analog) {
  return (2.0 + analog) / (2.0 - analog);
}

Section from_pair(Complex first, Complex second) {
  return {-(first + second).real(), (first * second).real()};
}

// The sections that one pole of the prototype and its conjugate become.
void add_sections(Complex prototype, const AnalogBand& band, BandPass& filter, double& radius) {
  const Complex half = prototype * (band.width / 2);
  const Complex root = std::sqrt(half * half - band.centre * band.centre);
  const Complex upper = to_digital(half + root);
  const Complex lower = to_digital(half - root);
  radius = std::max({radius, std::abs(upper), std::abs(lower)});
  if (prototype.imag() == 0) {
    // A real pole: its two images are a conjugate pair, or both real in a wide band.
    filter.sections.push_back(from_pair(upper, lower));
    return;
  }
  filter.sections.push_back(from_pair(upper, std::conj(upper)));
  filter.sections.push_back(from_pair(lower, std::conj(lower)));
}

// A Butterworth band-pass passes the geometric centre of its prewarped band unchanged.
double centre_gain(const BandPass& filter, const AnalogBand& band) {
  const Complex back = std::polar(1.0, -2 * std::atan(band.centre / 2));  // z^-1 at the centre
  double gain = 1;
  for (const Section& section : filter.sections) {
    const Complex below = 1.0 + back * (section.a1 + back * section.a2);
    gain *= std::abs(below / (1.0 - back * back));
  }
  return gain;
}

void check_band(const BandPassSpec& spec) {
  const double nyquist = spec.rate / 2;
  if (!(spec.low > 0 && spec.low < spec.high)) {
    throw KernelError(
        fmt::format("`band` is [{:g}, {:g}] Hz, but its first number must be above 0 "
                    "and below its second",
                    spec.low,
                    spec.high));
  }
  if (!(spec.high < nyquist)) {
    throw KernelError(
        fmt::format("`band` reaches to {:g} Hz, but samples at {:g} Hz hold nothing "
                    "at or above {:g} Hz",
                    spec.high,
                    spec.rate,
                    nyquist));
  }
}

}  // namespace

BandPass design_band_pass(const BandPassSpec& spec) {
  check_band(spec);
  const AnalogBand band = prewarp(spec);
  BandPass filter{{}, 1, 0};
  double radius = 0;
  // Poles on the left half of the unit circle; one of each conjugate pair, the real one last.
  for (int k = 0; 2 * k < spec.order; ++k) {
    const bool real = 2 * k + 1 == spec.order;
    const double angle = std::numbers::pi * (2 * k + 1) / (2 * spec.order);
    const Complex prototype = real ? Complex(-1, 0) : Complex(-std::sin(angle), std::cos(angle));
    add_sections(prototype, band, filter, radius);
  }
  filter.gain = centre_gain(filter, band);
  const double forgetting = -std::log(radius);
  // Within 1e-9 of the unit circle the coefficients' own rounding moves the poles too far.
  if (!(forgetting > 1e-9) || !std::isfinite(filter.gain)) {
    throw KernelError(
        fmt::format("a band of [{:g}, {:g}] Hz is too narrow or too low for samples at "
                    "{:g} Hz: resample to a lower rate first",
                    spec.low,
                    spec.high,
                    spec.rate));
  }
  filter.memory = static_cast<std::size_t>(std::ceil(kForgotten / forgetting));
  return filter;
}

std::size_t default_padding(const BandPass& filter) {
  return 3 * (2 * filter.sections.size() + 1);
}

}  // namespace wfr::signal
