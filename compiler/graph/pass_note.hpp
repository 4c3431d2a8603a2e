// Why a pass decided as it did, for `wfc plan --why`.
#pragma once

#include "compiler/diagnostics/source.hpp"
#include "runtime/plan/ids.hpp"

#include <string>
#include <vector>

namespace wfc {

struct PassNote {
  std::string pass;  // "placement", "fusion", "packing", "time", "arrays", "limit", ...
  std::vector<wfr::StepId> steps;  // that it is about, in topological order
  std::string text;                // a sentence without its full stop
  Span span;                       // the key that asked for it; empty: nobody did
};

}  // namespace wfc
