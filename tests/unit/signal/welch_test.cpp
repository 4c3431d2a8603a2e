// The streaming spectrum against scipy.signal.welch.
#include "runtime/kernels/signal/welch.hpp"

#include "tests/unit/signal/test_signal.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using wfr::signal::Welch;
using wfr::signal::WelchSpec;

TEST_CASE("the spectrum is that of scipy.signal.welch") {
  const std::vector<double> in = signal_test::wave(3000);
  for (const nlohmann::json& expected : signal_test::reference("spectra")) {
    const std::string window = expected["window"];
    const WelchSpec spec{expected["length"],
                         expected["overlap"],
                         2000,
                         window,
                         expected["detrend"],
                         expected["density"]};
    Welch welch(spec);
    for (std::size_t i = 0; i < in.size(); i += 70) {
      welch.push(std::span(in).subspan(i, std::min<std::size_t>(70, in.size() - i)));
    }
    CAPTURE(window, spec.length);
    const std::vector<double> power = expected["power"];
    const double scale = *std::max_element(power.begin(), power.end());
    CHECK(signal_test::difference(welch.power(), 1, power, scale) < 1e-12);
    CHECK(signal_test::difference(welch.frequencies(), 1, expected["frequency"], 1) < 1e-9);
    std::vector<double> weights = wfr::signal::periodic_window(window, spec.length);
    weights.resize(5);
    CHECK(signal_test::difference(weights, 1, expected["weights"], 1) < 1e-15);
  }
}

TEST_CASE("a segment never reaches over an interruption") {
  const std::vector<double> in = signal_test::wave(1000);
  const WelchSpec spec{100, 50, 2000, "hann", true, true};
  Welch whole(spec);
  whole.push(std::span(in).first(300));
  Welch parts(spec);
  parts.push(std::span(in).first(300));
  parts.interrupt();
  parts.push(std::span(in).subspan(300, 99));
  parts.interrupt();
  CHECK(parts.segments() == 5);
  CHECK(parts.power() == whole.power());
}
