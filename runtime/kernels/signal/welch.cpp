// Windowed segments through FFTW; the only file that sees it.
#include "runtime/kernels/signal/welch.hpp"

#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/signal/sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <new>
#include <numbers>

#include <fftw3.h>

namespace wfr::signal {
namespace {

// FFTW's planner keeps its tables in globals.
std::mutex planner;

struct FreeMemory {
  void operator()(void* memory) const { fftw_free(memory); }
};
template <typename T>
using Buffer = std::unique_ptr<T[], FreeMemory>;  // NOLINT(modernize-avoid-c-arrays)

template <typename T>
Buffer<T> allocate(std::size_t count) {
  auto* memory = static_cast<T*>(fftw_malloc(sizeof(T) * count));
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return Buffer<T>(memory);
}

}  // namespace

struct Welch::Transform {
  explicit Transform(std::size_t length)
      : in(allocate<double>(length)), out(allocate<fftw_complex>(length / 2 + 1)) {
    const std::lock_guard lock(planner);
    // FFTW_ESTIMATE measures no times: the same plan, and so the same bits, in every run.
    plan = fftw_plan_dft_r2c_1d(static_cast<int>(length), in.get(), out.get(), FFTW_ESTIMATE);
    if (plan == nullptr) {
      throw KernelError("FFTW has no plan for a segment of this length");
    }
  }
  ~Transform() {
    const std::lock_guard lock(planner);
    fftw_destroy_plan(plan);
  }
  Transform(const Transform&) = delete;
  Transform& operator=(const Transform&) = delete;

  Buffer<double> in;
  Buffer<fftw_complex> out;
  fftw_plan plan = nullptr;
};

std::vector<double> periodic_window(std::string_view name, std::size_t length) {
  // Sums of cosines: a0 - a1 cos(x) + a2 cos(2x).
  std::array<double, 3> a = {1, 0, 0};
  if (name == "hann") {
    a = {0.5, 0.5, 0};
  } else if (name == "hamming") {
    a = {0.54, 0.46, 0};
  } else if (name == "blackman") {
    a = {0.42, 0.5, 0.08};
  }
  std::vector<double> window(length, 1.0);
  // One sample is all there is of a window of one.
  for (std::size_t i = 0; length > 1 && i < length; ++i) {
    const double x = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length);
    window[i] = a[0] - a[1] * std::cos(x) + a[2] * std::cos(2 * x);
  }
  return window;
}

Welch::Welch(const WelchSpec& spec)
    : spec_(spec),
      window_(periodic_window(spec.window, spec.length)),
      sum_(spec.length / 2 + 1, 0.0),
      transform_(std::make_unique<Transform>(spec.length)) {
  double total = 0;
  double squares = 0;
  for (const double value : window_) {
    total += value;
    squares += value * value;
  }
  scale_ = spec.density ? 1 / (spec.rate * squares) : 1 / (total * total);
  segment_.reserve(spec.length);
}

Welch::~Welch() = default;

std::uint64_t Welch::bytes(std::size_t length) {
  // Window, segment, input and output of the transform, sum.
  return (4 * length + 2 * (length / 2 + 1)) * sizeof(double);
}

void Welch::push(std::span<const double> samples) {
  while (!samples.empty()) {
    const std::size_t take = std::min(samples.size(), spec_.length - segment_.size());
    segment_.insert(
        segment_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(take));
    samples = samples.subspan(take);
    if (segment_.size() < spec_.length) {
      return;
    }
    add_segment();
    segment_.erase(segment_.begin(), segment_.end() - static_cast<std::ptrdiff_t>(spec_.overlap));
  }
}

void Welch::interrupt() {
  segment_.clear();
}

void Welch::add_segment() {
  const double mean =
      spec_.remove_mean ? sum(segment_.data(), segment_.size()) / static_cast<double>(spec_.length)
                        : 0;
  for (std::size_t i = 0; i < spec_.length; ++i) {
    transform_->in[i] = (segment_[i] - mean) * window_[i];
  }
  fftw_execute(transform_->plan);
  for (std::size_t k = 0; k < sum_.size(); ++k) {
    const fftw_complex& bin = transform_->out[k];
    sum_[k] += bin[0] * bin[0] + bin[1] * bin[1];
  }
  ++segments_;
}

std::vector<double> Welch::power() const {
  std::vector<double> power(sum_.size());
  for (std::size_t k = 0; k < sum_.size(); ++k) {
    // Bins but 0 and, for an even length, the last stand for a negative frequency as well.
    const bool twice = k > 0 && 2 * k < spec_.length;
    power[k] = sum_[k] * scale_ * (twice ? 2 : 1) / static_cast<double>(segments_);
  }
  return power;
}

std::vector<double> Welch::frequencies() const {
  std::vector<double> frequencies(sum_.size());
  for (std::size_t k = 0; k < sum_.size(); ++k) {
    frequencies[k] = static_cast<double>(k) * spec_.rate / static_cast<double>(spec_.length);
  }
  return frequencies;
}

}  // namespace wfr::signal
