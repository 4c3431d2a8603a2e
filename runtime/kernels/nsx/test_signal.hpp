// The synthetic recording's samples: integer arithmetic only, so that a seed gives the same bytes
// on every machine and compiler.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace wfr::nsx {

// A small, fast generator: xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift
// generators, scrambled", 2016), seeded through splitmix64.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream);
  std::uint64_t next() {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 2685821657736338717ULL;
  }

 private:
  std::uint64_t state_ = 0;
};

struct SignalSettings {
  double rate = 30000;    // [Hz]
  double spike_rate = 5;  // [Hz]
  double noise_uv = 10;   // standard deviation [uV]
  std::uint64_t seed = 1;
};

// Raw values of one channel are quarter microvolts.
inline constexpr int kRawPerMicrovolt = 4;

// One channel: two units that fire irregularly (biphasic, -80 uV and -110 uV, 1.6 ms), a slow wave
// (2 Hz), theta (8 Hz), gamma (40 Hz), mains hum (50 Hz) and white noise.
class ChannelSignal {
 public:
  ChannelSignal(const SignalSettings& settings, std::uint32_t channel);

  // The samples from `begin` on, on the clock of the recording: oscillations go on through pauses.
  // Noise and spikes come in the order of the calls.
  void fill(std::uint64_t begin, std::span<std::int16_t> out);

 private:
  struct Wave {
    std::uint32_t step;      // of phase, a whole turn being 2^32, in one sample
    std::uint32_t start;     // phase at sample 0
    std::int32_t amplitude;  // raw values
  };
  void add_waves(std::uint64_t begin, std::span<std::int32_t> sums) const;
  void add_noise(std::span<std::int32_t> sums);
  void add_spikes(std::span<std::int32_t> sums);

  Random noise_;
  Random spikes_;
  std::uint32_t spike_chance_;  // of a spike in one millisecond, of 2^32
  std::uint32_t bin_length_;    // samples in that millisecond
  std::int32_t noise_factor_;
  std::vector<Wave> waves_;
  std::vector<std::vector<std::int32_t>> shapes_;  // of each unit
  std::vector<std::int32_t> carry_;                // what spikes reach into the next call
  std::vector<std::int32_t> sums_;
  std::uint32_t to_next_bin_ = 0;
  std::uint32_t rest_ = 0;  // millisecond bins until the cell can fire again
};

}  // namespace wfr::nsx
