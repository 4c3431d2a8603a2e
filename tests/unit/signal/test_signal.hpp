// What the signal tests share: the signal that make_reference.py filtered, and what came out.
#pragma once

#include <cmath>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace signal_test {

inline std::vector<double> wave(std::uint64_t count) {
  std::vector<double> values(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t noise = (i * i * 7919 + i * 104729) % 2003;
    values[i] =
        500 + 300 * std::sin(0.01 * static_cast<double>(i)) + static_cast<double>(noise) - 1001;
  }
  return values;
}

// One part of reference.json.
inline nlohmann::json reference(const std::string& part) {
  std::ifstream file(WFC_SOURCE_DIR "/tests/unit/signal/reference.json");
  return nlohmann::json::parse(file).at(part);
}

// The largest difference between every n-th value and the reference, as a share of `scale`.
inline double difference(std::span<const double> values,
                         std::size_t every,
                         const std::vector<double>& reference,
                         double scale) {
  double worst = (values.size() + every - 1) / every == reference.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < reference.size() && i * every < values.size(); ++i) {
    worst = std::fmax(worst, std::abs(values[i * every] - reference[i]) / scale);
  }
  return worst;
}

}  // namespace signal_test
