// The streaming resampler against scipy.signal.resample_poly on whole signals.
#include "runtime/kernels/signal/resample.hpp"

#include "runtime/kernels/kernel.hpp"
#include "tests/unit/signal/test_signal.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using wfr::signal::rate_ratio;
using wfr::signal::Ratio;
using wfr::signal::Resampler;

std::vector<double> resampled(Resampler& resampler,
                              const std::vector<double>& in,
                              std::size_t block) {
  std::vector<double> out;
  for (std::size_t i = 0; i < in.size(); i += block) {
    resampler.push(std::span(in).subspan(i, std::min(block, in.size() - i)), out);
  }
  resampler.finish(out);
  return out;
}

std::string ratio_text(double from, double to) {
  const Ratio ratio = rate_ratio(from, to);
  return std::to_string(ratio.up) + "/" + std::to_string(ratio.down);
}

}  // namespace

TEST_CASE("the anti-alias filter is that of resample_poly") {
  for (const nlohmann::json& expected : signal_test::reference("filters")) {
    const Ratio ratio{expected["up"], expected["down"]};
    const std::vector<double> filter = wfr::signal::anti_alias_filter(ratio);
    CHECK(signal_test::difference(filter, 1, expected["values"], 1) < 1e-14);
  }
}

TEST_CASE("a stream is resampled as resample_poly resamples the whole") {
  for (const nlohmann::json& expected : signal_test::reference("resampled")) {
    const Ratio ratio{expected["up"], expected["down"]};
    const std::vector<double> in = signal_test::wave(expected["count"]);
    Resampler resampler(ratio);
    const std::vector<double> out = resampled(resampler, in, 1000);
    CAPTURE(ratio.up, ratio.down);
    CHECK(out.size() == expected["size"].get<std::size_t>());
    CHECK(out.size() == wfr::signal::resampled_count(in.size(), ratio));
    CHECK(signal_test::difference(out, expected["every"], expected["values"], 1000) < 1e-12);
  }
}

TEST_CASE("how the stream is cut, and what came before, changes no bit") {
  const std::vector<double> in = signal_test::wave(5000);
  for (const Ratio ratio : {Ratio{1, 30}, Ratio{128, 3125}, Ratio{3, 2}}) {
    Resampler resampler(ratio);
    const std::vector<double> whole = resampled(resampler, in, in.size());
    for (const std::size_t block : {1U, 29U, 30U, 31U, 999U}) {
      CAPTURE(block);
      CHECK(resampled(resampler, in, block) == whole);
    }
  }
}

TEST_CASE("rates become a ratio in lowest terms") {
  CHECK(ratio_text(30000, 1000) == "1/30");
  CHECK(ratio_text(24414.0625, 1000) == "128/3125");
  CHECK(ratio_text(30000, 30000) == "1/1");
  CHECK(ratio_text(44100, 48000) == "160/147");
  CHECK(ratio_text(1000.0 / 3, 1000) == "3/1");
  CHECK_THROWS_WITH(rate_ratio(30000, 999.99990001),
                    Catch::Contains("cannot resample from 30000 Hz to 999.99990001 Hz"));
}

TEST_CASE("the count of resampled samples holds beyond 64 bits of product") {
  CHECK(wfr::signal::resampled_count(std::uint64_t{1} << 60U, {50000, 50000}) == std::uint64_t{1}
                                                                                     << 60U);
  CHECK(wfr::signal::resampled_count(31, {1, 30}) == 2);
  CHECK(wfr::signal::resampled_count(0, {1, 30}) == 0);
}
