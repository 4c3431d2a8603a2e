// Long sums, fast and with the same bits on every machine.
#pragma once

#include "runtime/kernels/signal/vector.hpp"

#include <cstddef>

namespace wfr::signal {

// So many sums run side by side, whatever the machine's vectors are: enough of them to hide the
// latency of an addition.
inline constexpr std::size_t kSums = 4 * kWidth;

// Of a[i] * b[i]; `count` is a multiple of kSums.
double dot(const double* a, const double* b, std::size_t count);

double sum(const double* values, std::size_t count);

}  // namespace wfr::signal
