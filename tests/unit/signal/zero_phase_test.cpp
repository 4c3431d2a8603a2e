// The streaming zero-phase filter against scipy.signal.sosfiltfilt on whole signals.
#include "runtime/kernels/signal/zero_phase.hpp"

#include "tests/unit/signal/test_signal.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using wfr::signal::BandPass;
using wfr::signal::ZeroPhase;

std::vector<double> filtered(const BandPass& filter,
                             const std::vector<double>& in,
                             std::size_t block) {
  std::vector<double> out;
  const auto sink = [&](std::span<const double> part) {
    out.insert(out.end(), part.begin(), part.end());
  };
  ZeroPhase zero_phase(filter, default_padding(filter), in.size());
  for (std::size_t i = 0; i < in.size(); i += block) {
    zero_phase.push(std::span(in).subspan(i, std::min(block, in.size() - i)), sink);
  }
  zero_phase.finish(sink);
  return out;
}

}  // namespace

TEST_CASE("a stream is filtered as sosfiltfilt filters the whole") {
  for (const nlohmann::json& expected : signal_test::reference("zero_phase")) {
    const BandPass filter = wfr::signal::design_band_pass(
        {expected["low"], expected["high"], expected["rate"], expected["order"]});
    const std::vector<double> in = signal_test::wave(expected["count"]);
    const std::vector<double> out = filtered(filter, in, 10000);
    CAPTURE(expected["low"], expected["high"], expected["count"]);
    REQUIRE(out.size() == in.size());
    // SciPy's own rounding near the slowest poles is about 1e-11.
    const double scale = expected["scale"];
    CHECK(signal_test::difference(out, expected["every"], expected["values"], scale) < 1e-10);
    CHECK(std::abs(out.back() - expected["last"].get<double>()) < 1e-10 * scale);
  }
}

TEST_CASE("how the stream is cut changes no bit") {
  const BandPass filter = wfr::signal::design_band_pass({500, 7500, 30000, 4});
  const std::vector<double> in = signal_test::wave(140000);
  const std::vector<double> whole = filtered(filter, in, in.size());
  for (const std::size_t block : {1U, 27U, 28U, 4096U, 65536U, 65537U}) {
    CAPTURE(block);
    CHECK(filtered(filter, in, block) == whole);
  }
}

TEST_CASE("silence after a signal costs no more than a signal") {
  const BandPass filter = wfr::signal::design_band_pass({500, 7500, 30000, 4});
  std::vector<double> in(300000, 0.0);
  in[1000] = 1;
  const std::vector<double> out = filtered(filter, in, 65536);
  // Denormal numbers would be slow; none may be left.
  CHECK(std::none_of(out.begin(), out.end(), [](double value) {
    return value != 0 && std::abs(value) < 2.3e-308;
  }));
  CHECK(std::abs(out[1000]) > 0.1);
}

TEST_CASE("memory is what was said, and no more than a short signal fills") {
  constexpr std::uint64_t kLong = 1U << 30U;
  const BandPass fast = wfr::signal::design_band_pass({500, 7500, 30000, 4});
  CHECK(ZeroPhase::bytes(fast, 27, kLong) == 2 * 65536 * sizeof(double));
  CHECK(ZeroPhase::bytes(fast, 27, 1000) == 1054 * sizeof(double));
  const BandPass slow = wfr::signal::design_band_pass({0.2, 499, 1000, 3});
  CHECK(ZeroPhase::bytes(slow, 21, kLong) == 8 * slow.memory * sizeof(double));
}

TEST_CASE("room for less changes no bit") {
  const BandPass filter = wfr::signal::design_band_pass({500, 7500, 30000, 4});
  const std::size_t padding = default_padding(filter);
  // Around one tile and two of them, both extensions counted.
  const std::size_t tile = 65536;
  for (const std::size_t count : {std::size_t{100},
                                  tile - 2 * padding - 1,
                                  tile - 2 * padding,
                                  tile - 2 * padding + 1,
                                  2 * tile - 2 * padding,
                                  2 * tile - 2 * padding + 1}) {
    CAPTURE(count);
    const std::vector<double> in = signal_test::wave(count);
    std::vector<double> out;
    ZeroPhase roomy(filter, padding, 10 * tile);
    const auto sink = [&](std::span<const double> part) {
      out.insert(out.end(), part.begin(), part.end());
    };
    roomy.push(in, sink);
    roomy.finish(sink);
    CHECK(out.size() == count);
    CHECK(filtered(filter, in, 10000) == out);
  }
}

TEST_CASE("more samples than were announced are refused") {
  const BandPass filter = wfr::signal::design_band_pass({500, 7500, 30000, 4});
  ZeroPhase zero_phase(filter, default_padding(filter), 100);
  const std::vector<double> in = signal_test::wave(1000);
  CHECK_THROWS_AS(zero_phase.push(in, [](std::span<const double>) {}), std::logic_error);
}
