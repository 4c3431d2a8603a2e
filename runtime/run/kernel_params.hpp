// Parameters of a kernel as words of a command line: `--param rate=1000 --param band=1,150`.
#pragma once

#include "runtime/kernels/kernel.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace wfr {

// Reads each "name=value" in the type that the kernel declares, fills in the defaults and checks.
// A list is written with commas, or as JSON ("[1, 150]"). Throws KernelError that names everything
// that is wrong, a line each.
nlohmann::json parse_params(const KernelDecl& kernel, const std::vector<std::string>& words);

// The kernel's parameters with types, units, defaults and help, for `wfr kernel NAME --help`.
std::string describe_kernel(const KernelDecl& kernel);

}  // namespace wfr
