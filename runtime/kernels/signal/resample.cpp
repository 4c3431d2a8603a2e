// A Kaiser-windowed low-pass split into phases, and one dot product for each sample that is kept.
#include "runtime/kernels/signal/resample.hpp"

#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/signal/sums.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

namespace wfr::signal {
namespace {

// 1,000,001 coefficients at most: 8 MB.
constexpr std::uint64_t kLargestTerm = 50000;
constexpr double kRateTolerance = 1e-9;
constexpr double kKaiserBeta = 5.0;

double bessel_i0(double x) {
  const double quarter = x * x / 4;
  double term = 1;
  double sum = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= quarter / (static_cast<double>(k) * k);
    sum += term;
  }
  return sum;
}

double sinc(double x) {
  return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

}  // namespace

Ratio rate_ratio(double from, double to) {
  // Continued fraction: each convergent is the best ratio with terms of its size.
  const double wanted = to / from;
  std::uint64_t up = 1;
  std::uint64_t down = 0;
  std::uint64_t up_before = 0;
  std::uint64_t down_before = 1;
  double rest = wanted;
  while (rest <= static_cast<double>(kLargestTerm)) {
    const auto whole = static_cast<std::uint64_t>(rest);
    up_before = std::exchange(up, whole * up + up_before);
    down_before = std::exchange(down, whole * down + down_before);
    if (up > kLargestTerm || down > kLargestTerm) {
      break;
    }
    const double found = static_cast<double>(up) / static_cast<double>(down);
    if (up > 0 && std::abs(found - wanted) <= kRateTolerance * wanted) {
      return {up, down};
    }
    rest = 1 / (rest - static_cast<double>(whole));
  }
  throw KernelError(
      fmt::format("cannot resample from {} Hz to {} Hz: their ratio is not one of whole "
                  "numbers up to {}",
                  from,
                  to,
                  kLargestTerm));
}

std::uint64_t resampled_count(std::uint64_t count, Ratio ratio) {
  // count * up may be beyond 64 bits; whole periods of the ratio are not.
  const std::uint64_t periods = count / ratio.down;
  const std::uint64_t rest = count % ratio.down;
  return periods * ratio.up + (rest * ratio.up + ratio.down - 1) / ratio.down;
}

std::vector<double> anti_alias_filter(Ratio ratio) {
  const std::uint64_t larger = std::max(ratio.up, ratio.down);
  const auto half = static_cast<std::int64_t>(10 * larger);
  const double cutoff = 1 / static_cast<double>(larger);
  std::vector<double> filter;
  filter.reserve(static_cast<std::size_t>(2 * half + 1));
  double sum = 0;
  for (std::int64_t i = -half; i <= half; ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(half);
    const double window =
        bessel_i0(kKaiserBeta * std::sqrt(std::max(0.0, 1 - x * x))) / bessel_i0(kKaiserBeta);
    filter.push_back(cutoff * sinc(cutoff * static_cast<double>(i)) * window);
    sum += filter.back();
  }
  for (double& value : filter) {
    value *= static_cast<double>(ratio.up) / sum;
  }
  return filter;
}

Resampler::Resampler(Ratio ratio)
    : ratio_(ratio), half_length_(10 * std::max(ratio.up, ratio.down)) {
  const std::vector<double> filter = anti_alias_filter(ratio);
  taps_ = (filter.size() + ratio.up - 1) / ratio.up;
  taps_ = (taps_ + kSums - 1) / kSums * kSums;
  // Tap j of phase p is filter[p + j up] and meets the input j samples back, so it is stored from
  // the end; what a phase lacks of taps_ is zero and meets the oldest samples.
  coefficients_.assign(ratio.up * taps_, 0);
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const std::size_t phase = i % ratio.up;
    coefficients_[phase * taps_ + (taps_ - 1 - i / ratio.up)] = filter[i];
  }
  start();
}

std::uint64_t Resampler::bytes(Ratio ratio) {
  // The filter, its phases, and a window that holds at least as much input as there are taps.
  const std::uint64_t length = 20 * std::max(ratio.up, ratio.down) + 1;
  return (2 * (length + kSums * ratio.up) + length / ratio.up) * sizeof(double);
}

void Resampler::start() {
  window_.assign(taps_, 0);
  window_begin_ = -static_cast<std::int64_t>(taps_);
  pushed_ = 0;
  done_ = 0;
}

void Resampler::push(std::span<const double> samples, std::vector<double>& out) {
  if (ratio_.up == ratio_.down) {
    out.insert(out.end(), samples.begin(), samples.end());
    return;
  }
  window_.insert(window_.end(), samples.begin(), samples.end());
  pushed_ += samples.size();
  // Sample m needs the input up to floor((half_length + m down) / up).
  const std::uint64_t reach = pushed_ * ratio_.up;
  if (reach > half_length_) {
    compute((reach - half_length_ + ratio_.down - 1) / ratio_.down, out);
  }
}

void Resampler::finish(std::vector<double>& out) {
  if (ratio_.up != ratio_.down) {
    window_.insert(window_.end(), half_length_ / ratio_.up + 1, 0.0);
    compute(resampled_count(pushed_, ratio_), out);
  }
  start();
}

void Resampler::compute(std::uint64_t end, std::vector<double>& out) {
  if (end <= done_) {
    return;
  }
  const auto place = [this](std::uint64_t m) {
    const std::uint64_t at = half_length_ + m * ratio_.down;
    const auto last = static_cast<std::int64_t>(at / ratio_.up);
    return static_cast<std::size_t>(last - window_begin_) + 1 - taps_;
  };
  for (; done_ < end; ++done_) {
    const std::size_t phase = (half_length_ + done_ * ratio_.down) % ratio_.up;
    out.push_back(dot(&window_[place(done_)], &coefficients_[phase * taps_], taps_));
  }
  // Forget what no later sample needs.
  const std::size_t keep = std::min(place(done_), window_.size());
  window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(keep));
  window_begin_ += static_cast<std::int64_t>(keep);
}

}  // namespace wfr::signal
