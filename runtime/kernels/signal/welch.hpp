// Power spectrum of a stream by Welch's method.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace wfr::signal {

struct WelchSpec {
  std::size_t length;       // samples in a windowed segment, >= 1
  std::size_t overlap;      // samples that two neighbours share, < length
  double rate;              // Hz
  std::string_view window;  // "hann", "hamming", "blackman" or "boxcar", periodic
  bool remove_mean;         // from each segment, before the window
  bool density;             // power per hertz; otherwise per bin
};

// Equal to scipy.signal.welch(x, fs=rate, window, nperseg=length, noverlap=overlap,
// detrend="constant" or False, scaling="density" or "spectrum"): one-sided, mean of the segments.
// Source: Welch, The use of fast Fourier transform for the estimation of power spectra, IEEE Trans.
// Audio and Electroacoustics 15(2), 1967; windows and scaling: Heinzel et al., Spectrum and
// spectral density estimation by the DFT, 2002, section 9 and appendix C.
class Welch {
 public:
  explicit Welch(const WelchSpec& spec);
  ~Welch();
  Welch(const Welch&) = delete;
  Welch& operator=(const Welch&) = delete;

  // What a Welch of this length will hold at most, FFTW's own tables left out.
  static std::uint64_t bytes(std::size_t length);

  void push(std::span<const double> samples);
  // The next sample does not follow the last one: a segment begun is given up.
  void interrupt();

  [[nodiscard]] std::uint64_t segments() const { return segments_; }
  // Of bins 0 ... length / 2, at multiples of rate / length; needs at least one segment.
  [[nodiscard]] std::vector<double> power() const;
  [[nodiscard]] std::vector<double> frequencies() const;

 private:
  struct Transform;
  void add_segment();

  WelchSpec spec_;
  double scale_ = 0;
  std::vector<double> window_;
  std::vector<double> segment_;  // samples of the segment begun
  std::vector<double> sum_;
  std::uint64_t segments_ = 0;
  std::unique_ptr<Transform> transform_;
};

// The window as scipy.signal.get_window(name, length) gives it.
std::vector<double> periodic_window(std::string_view name, std::size_t length);

}  // namespace wfr::signal
