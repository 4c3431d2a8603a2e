// The order in which diagnostics are shown.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <vector>

namespace wfc {

// By place (those without a place last), then by report.
std::vector<const Diagnostic*> in_order(const Sink& sink);

}  // namespace wfc
