// The declarations of the signal kernels; docs/reference/kernels/signal.md says the same in prose.
#include "runtime/kernels/signal/declare.hpp"

#include <vector>

namespace wfr::signal {
namespace {

constexpr std::string_view kLibrary = "signal";
constexpr std::uint32_t kVersion = 1;

// Wide enough for any recording, from a slow drift to ultrasound; the exact bound, half the rate
// of the data, is checked by the body, which knows the data.
constexpr double kLowestFrequency = 1e-4;
constexpr double kHighestFrequency = 1e8;

ParamDecl band(std::string_view standard) {
  return {.name = "band",
          .type = ParamType::FloatList,
          .standard = standard,
          .unit = "Hz",
          .help = "the two corner frequencies (-3 dB in one pass, -6 dB after both), low first",
          .min = kLowestFrequency,
          .max = kHighestFrequency,
          .count = 2};
}

ParamDecl order() {
  return {.name = "order",
          .type = ParamType::Int,
          .standard = "4",
          .unit = "",
          .help = "order of the Butterworth prototype; the band-pass has twice as many poles",
          .min = 1,
          .max = 12};
}

ParamDecl buffer() {
  return {.name = "buffer_mb",
          .type = ParamType::Int,
          .standard = "24",
          .unit = "MB",
          .help = "most memory for samples in flight, whatever the length of the file",
          .min = 4,
          .max = 65536};
}

KernelDecl highpass() {
  return {.name = "signal.highpass",
          .library = kLibrary,
          .version = kVersion,
          .summary = "zero-phase Butterworth band-pass at the rate of the input, for spikes",
          .params = {band("[500, 7500]"), order(), buffer()},
          .inputs = {1, 1},
          .outputs = {1, 1}};
}

KernelDecl lowpass() {
  const ParamDecl rate = {.name = "rate",
                          .type = ParamType::Float,
                          .standard = "1000",
                          .unit = "Hz",
                          .help = "sampling rate of the output, reached by polyphase resampling",
                          .min = 1e-3,
                          .max = kHighestFrequency};
  return {.name = "signal.lowpass",
          .library = kLibrary,
          .version = kVersion,
          .summary =
              "polyphase resampling, then a zero-phase Butterworth band-pass, for field potentials",
          .params = {rate, band("[1, 150]"), order(), buffer()},
          .inputs = {1, 1},
          .outputs = {1, 1}};
}

std::vector<ParamDecl> spectrum_params() {
  return {{.name = "segment_s",
           .type = ParamType::Float,
           .standard = "2",
           .unit = "s",
           .help = "length of one windowed segment; the frequency step is its inverse",
           .min = 1e-6,
           .max = 1e6},
          {.name = "overlap",
           .type = ParamType::Float,
           .standard = "0.5",
           .unit = "",
           .help = "share of a segment that the next one covers again",
           .min = 0,
           .max = 0.99},
          {.name = "window",
           .type = ParamType::String,
           .standard = "\"hann\"",
           .unit = "",
           .help = "periodic window that each segment is multiplied by",
           .choices = {"hann", "hamming", "blackman", "boxcar"}},
          {.name = "detrend",
           .type = ParamType::String,
           .standard = "\"constant\"",
           .unit = "",
           .help = "what is taken from each segment first: its mean, or nothing",
           .choices = {"constant", "none"}},
          {.name = "scaling",
           .type = ParamType::String,
           .standard = "\"density\"",
           .unit = "",
           .help = "power per hertz, or power per bin",
           .choices = {"density", "spectrum"}},
          buffer()};
}

KernelDecl spectrum() {
  return {
      .name = "signal.spectrum",
      .library = kLibrary,
      .version = kVersion,
      .summary = "power spectrum by Welch's method: the mean over windowed, overlapping segments",
      .params = spectrum_params(),
      .inputs = {1, 1},
      .outputs = {1, 1}};
}

}  // namespace

std::span<const KernelDecl> declarations() {
  static const std::vector<KernelDecl> all = {highpass(), lowpass(), spectrum()};
  return all;
}

}  // namespace wfr::signal
