// Polyphase resampling of a stream by a ratio of small whole numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wfr::signal {

// Output rate over input rate, in lowest terms.
struct Ratio {
  std::uint64_t up;
  std::uint64_t down;
};

// The ratio of two rates [Hz]. Throws KernelError where no ratio of numbers up to 50,000 meets
// `to` within one part in 10^9.
Ratio rate_ratio(double from, double to);

// Samples that come out for `count` samples in: ceil(count * up / down).
std::uint64_t resampled_count(std::uint64_t count, Ratio ratio);

// The low-pass filter of scipy.signal.resample_poly: firwin(20 max(up, down) + 1, 1 / max(up,
// down), window=("kaiser", 5.0)) * up. Source: Oppenheim & Schafer, section 7.5 (windows, Kaiser's
// included); I0 by its power series, Abramowitz & Stegun 9.6.10.
std::vector<double> anti_alias_filter(Ratio ratio);

// Equal to scipy.signal.resample_poly(x, up, down) in double precision: zeros before and after the
// signal, the filter's delay taken out. Only the samples that are kept are computed.
class Resampler {
 public:
  explicit Resampler(Ratio ratio);

  // Appends to `out` what the samples so far determine.
  void push(std::span<const double> samples, std::vector<double>& out);
  // Appends the rest. Afterwards the object is ready for another signal.
  void finish(std::vector<double>& out);

  // What a Resampler of this ratio holds beside the samples of one push().
  static std::uint64_t bytes(Ratio ratio);

 private:
  void start();
  void compute(std::uint64_t end, std::vector<double>& out);

  Ratio ratio_;
  std::uint64_t half_length_;         // of the filter, at `up` times the input's rate
  std::size_t taps_;                  // of one phase
  std::vector<double> coefficients_;  // phase after phase, each in the order of the input
  std::vector<double> window_;        // input from `window_begin_` on; may begin before sample 0
  std::int64_t window_begin_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t done_ = 0;  // samples that came out
};

}  // namespace wfr::signal
