// libwfr_kernel_nsx.so: its kernels by name.
#include "runtime/kernels/nsx/bodies.hpp"

#include <array>

namespace {

constexpr std::array<wfr::KernelEntry, 2> kEntries = {{
    {"nsx.split", wfr::nsx::split},
    {"nsx.synthesize", wfr::nsx::synthesize},
}};

}  // namespace

WFR_EXPORT_KERNELS(kEntries)
