// The loops behind resampling and the mean.
#include "runtime/kernels/signal/sums.hpp"

#include "runtime/kernels/signal/multiversion.hpp"

#include <array>

namespace wfr::signal {
namespace {

constexpr std::size_t kVectors = kSums / kWidth;

[[gnu::always_inline]] inline double total(const std::array<Vector, kVectors>& sums) {
  const Vector sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

}  // namespace

WFR_MULTIVERSION
double dot(const double* a, const double* b, std::size_t count) {
  std::array<Vector, kVectors> sums{};
  for (std::size_t i = 0; i < count; i += kSums) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      Vector left;
      Vector right;
      load(left, a + i + v * kWidth);
      load(right, b + i + v * kWidth);
      sums[v] += left * right;
    }
  }
  return total(sums);
}

WFR_MULTIVERSION
double sum(const double* values, std::size_t count) {
  std::array<Vector, kVectors> sums{};
  std::size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      Vector next;
      load(next, values + i + v * kWidth);
      sums[v] += next;
    }
  }
  double rest = 0;
  for (; i < count; ++i) {
    rest += values[i];
  }
  return total(sums) + rest;
}

}  // namespace wfr::signal
