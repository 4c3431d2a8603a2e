// The band-pass design against scipy.signal.butter.
#include "runtime/kernels/signal/band_pass.hpp"

#include "runtime/kernels/kernel.hpp"
#include "tests/unit/signal/test_signal.hpp"

#include <complex>
#include <numbers>

#include <catch2/catch.hpp>

namespace {

using wfr::signal::BandPass;
using wfr::signal::design_band_pass;

std::complex<double> response(const BandPass& filter, double frequency, double rate) {
  const std::complex<double> back = std::polar(1.0, -2 * std::numbers::pi * frequency / rate);
  std::complex<double> total = filter.gain;
  for (const wfr::signal::Section& section : filter.sections) {
    total *= (1.0 - back * back) / (1.0 + back * (section.a1 + back * section.a2));
  }
  return total;
}

std::string failure(const wfr::signal::BandPassSpec& spec) {
  try {
    design_band_pass(spec);
  } catch (const wfr::KernelError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the response is that of scipy.signal.butter") {
  for (const nlohmann::json& expected : signal_test::reference("responses")) {
    const double rate = expected["rate"];
    const BandPass filter =
        design_band_pass({expected["low"], expected["high"], rate, expected["order"]});
    CAPTURE(expected["low"], expected["high"], rate);
    CHECK(filter.sections.size() == expected["order"].get<std::size_t>());
    for (std::size_t i = 0; i < expected["frequency"].size(); ++i) {
      const std::complex<double> wanted(expected["real"][i], expected["imag"][i]);
      const std::complex<double> found = response(filter, expected["frequency"][i], rate);
      CHECK(std::abs(found - wanted) < 1e-10);
    }
  }
}

TEST_CASE("every pole lies within the unit circle and is forgotten in time") {
  const BandPass filter = design_band_pass({500, 7500, 30000, 4});
  for (const wfr::signal::Section& section : filter.sections) {
    CHECK(std::abs(section.a2) < 1);
    CHECK(std::abs(section.a1) < 1 + section.a2);
  }
  CHECK(filter.memory > 500);
  CHECK(filter.memory < 2000);
  CHECK(default_padding(filter) == 27);
}

TEST_CASE("a band that the samples cannot hold is refused with both numbers") {
  CHECK(failure({500, 7500, 15000, 4}) ==
        "`band` reaches to 7500 Hz, but samples at 15000 Hz hold nothing at or above 7500 Hz");
  CHECK(failure({150, 1, 1000, 4}) ==
        "`band` is [150, 1] Hz, but its first number must be above 0 and below its second");
  CHECK(failure({1e-7, 150, 30000, 4}) ==
        "a band of [1e-07, 150] Hz is too narrow or too low for samples at 30000 Hz: resample to a "
        "lower rate first");
  CHECK(failure({500, 7499, 15000, 4}).empty());
}
