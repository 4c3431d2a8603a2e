// What libwfr_kernel_signal.so exports.
#include "runtime/kernels/signal/bodies.hpp"

#include <array>

namespace {

constexpr std::array<wfr::KernelEntry, 3> kEntries = {{
    {"signal.highpass", wfr::signal::run_highpass},
    {"signal.lowpass", wfr::signal::run_lowpass},
    {"signal.spectrum", wfr::signal::run_spectrum},
}};

}  // namespace

WFR_EXPORT_KERNELS(kEntries)
