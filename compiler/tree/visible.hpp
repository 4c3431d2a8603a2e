// Names from the disk as text that is safe to show, for the passes.
#pragma once

#include "runtime/plan/visible.hpp"

namespace wfc {

using wfr::visible;

}  // namespace wfc
