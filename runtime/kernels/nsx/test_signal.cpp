// Noise, oscillations and spikes of the synthetic recording; see test_signal.hpp.
#include "runtime/kernels/nsx/test_signal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace wfr::nsx {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

// Sine of a phase (a whole turn is 2^32) in units of 2^-15, by a parabola for each half turn and
// one correction: at most 0.1 % off, and exact in integers.
std::int32_t sine(std::uint32_t phase) {
  const auto x =
      static_cast<std::int64_t>(static_cast<std::int32_t>(phase)) >> 16U;  // +-2^15: half turn
  const std::int64_t magnitude = x < 0 ? -x : x;
  const std::int64_t parabola = (4 * x * (32768 - magnitude)) / 32768;
  const std::int64_t size = parabola < 0 ? -parabola : parabola;
  return static_cast<std::int32_t>((7373 * (parabola * size / 32768 - parabola)) / 32768 +
                                   parabola);
}

// Corners of a spike: time [us] and height [1/1000 of its depth].
struct Corner {
  std::int32_t time;
  std::int32_t height;
};
constexpr std::array<Corner, 7> kSpike = {
    {{0, 0}, {150, -120}, {300, -1000}, {480, -150}, {700, 320}, {1000, 180}, {1600, 0}}};

std::vector<std::int32_t> spike_shape(double rate, std::int32_t depth_raw) {
  std::vector<std::int32_t> shape;
  const auto period_ns = static_cast<std::int64_t>(std::lround(1e9 / rate));
  for (std::int64_t i = 0; i * period_ns < kSpike.back().time * std::int64_t{1000}; ++i) {
    const auto time = static_cast<std::int32_t>(i * period_ns / 1000);
    const auto* const after =
        std::upper_bound(kSpike.begin(), kSpike.end(), time, [](std::int32_t t, const Corner& c) {
          return t < c.time;
        });
    const auto* const before = after - 1;
    const std::int32_t height = before->height + (after->height - before->height) *
                                                     (time - before->time) /
                                                     (after->time - before->time);
    shape.push_back(height * depth_raw / 1000);
  }
  return shape;
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t mixed = seed * 0xD1342543DE82EF95ULL + stream;
  while (state_ == 0) {
    state_ = splitmix(mixed);
  }
}

ChannelSignal::ChannelSignal(const SignalSettings& settings, std::uint32_t channel)
    : noise_(settings.seed, 2 * std::uint64_t{channel}),
      spikes_(settings.seed, 2 * std::uint64_t{channel} + 1) {
  constexpr double kTurn = 4294967296.0;
  // Four uniform numbers of 16 bits have a standard deviation of 2^16 / sqrt(3) together; the
  // factor is applied as one of 2^20.
  noise_factor_ =
      static_cast<std::int32_t>(std::lround(settings.noise_uv * kRawPerMicrovolt * 1.7320508 * 16));
  bin_length_ = std::max(1U, static_cast<std::uint32_t>(std::lround(settings.rate / 1000)));
  // Two silent bins follow each spike: the rate is that of the bins that are left.
  const double bin = bin_length_ / settings.rate;
  const double busy = std::min(settings.spike_rate * 2 * bin, 0.9);
  spike_chance_ = static_cast<std::uint32_t>(
      std::min(settings.spike_rate * bin / (1 - busy) * kTurn, kTurn - 1));
  const auto add_wave = [&](double hertz, double microvolts, std::uint32_t start) {
    waves_.push_back({static_cast<std::uint32_t>(std::lround(hertz / settings.rate * kTurn)),
                      start,
                      static_cast<std::int32_t>(std::lround(microvolts * kRawPerMicrovolt))});
  };
  // Neighbours see nearly the same field: a travelling wave, a little later on each channel.
  const std::uint32_t lag = channel * 20'000'000U;
  add_wave(2, 40, 3 * lag);
  add_wave(8, 60, lag);
  add_wave(40, 12, 7 * lag);
  add_wave(50, 8, 0);
  shapes_ = {spike_shape(settings.rate, 80 * kRawPerMicrovolt),
             spike_shape(settings.rate, 110 * kRawPerMicrovolt)};
}

void ChannelSignal::add_waves(std::uint64_t begin, std::span<std::int32_t> sums) const {
  for (const Wave& wave : waves_) {
    std::uint32_t phase = wave.start + wave.step * static_cast<std::uint32_t>(begin);
    for (std::int32_t& sum : sums) {
      sum += (sine(phase) * wave.amplitude) >> 15U;
      phase += wave.step;
    }
  }
}

void ChannelSignal::add_noise(std::span<std::int32_t> sums) {
  for (std::int32_t& sum : sums) {
    const std::uint64_t bits = noise_.next();
    const auto four = static_cast<std::int64_t>((bits & 0xFFFFU) + ((bits >> 16U) & 0xFFFFU) +
                                                ((bits >> 32U) & 0xFFFFU) + (bits >> 48U));
    sum += static_cast<std::int32_t>(((four - 131070) * noise_factor_) >> 20U);
  }
}

void ChannelSignal::add_spikes(std::span<std::int32_t> sums) {
  const std::size_t reached = std::min(carry_.size(), sums.size());
  for (std::size_t i = 0; i < reached; ++i) {
    sums[i] += carry_[i];
  }
  carry_.erase(carry_.begin(), carry_.begin() + static_cast<std::ptrdiff_t>(reached));
  std::size_t at = to_next_bin_;
  for (; at < sums.size(); at += bin_length_) {
    const std::uint64_t draw = spikes_.next();
    if (rest_ > 0) {
      --rest_;
      continue;
    }
    if (static_cast<std::uint32_t>(draw >> 32U) >= spike_chance_) {
      continue;
    }
    rest_ = 2;
    const std::vector<std::int32_t>& shape = shapes_[draw & 1U];
    const std::size_t first = at + ((draw >> 8U) & 0xFFFFU) % bin_length_;
    if (first + shape.size() > sums.size() + carry_.size()) {
      carry_.resize(first + shape.size() - sums.size());
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::size_t place = first + i;
      (place < sums.size() ? sums[place] : carry_[place - sums.size()]) += shape[i];
    }
  }
  to_next_bin_ = static_cast<std::uint32_t>(at - sums.size());
}

void ChannelSignal::fill(std::uint64_t begin, std::span<std::int16_t> out) {
  sums_.assign(out.size(), 0);
  add_waves(begin, sums_);
  add_noise(sums_);
  add_spikes(sums_);
  std::transform(sums_.begin(), sums_.end(), out.begin(), [](std::int32_t sum) {
    return static_cast<std::int16_t>(std::clamp(sum, -32764, 32764));
  });
}

}  // namespace wfr::nsx
