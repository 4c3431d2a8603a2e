// Four doubles as one value, and how they come from memory and go back.
#pragma once

#include <cstddef>

namespace wfr::signal {

inline constexpr std::size_t kWidth = 4;

using Vector = double __attribute__((vector_size(kWidth * sizeof(double))));

// By reference, since how a vector is passed by value depends on the machine compiled for; and
// through a type of low alignment, since memcpy is expanded into halves that stall the next load.
using UnalignedVector = double
    __attribute__((vector_size(kWidth * sizeof(double)), aligned(sizeof(double)), may_alias));

[[gnu::always_inline]] inline void load(Vector& to, const double* from) {
  to = *reinterpret_cast<const UnalignedVector*>(from);  // NOLINT(*-reinterpret-cast)
}

[[gnu::always_inline]] inline void store(double* to, const Vector& from) {
  *reinterpret_cast<UnalignedVector*>(to) = from;  // NOLINT(*-reinterpret-cast)
}

}  // namespace wfr::signal
