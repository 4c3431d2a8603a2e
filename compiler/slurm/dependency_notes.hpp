// Why each job array waits as it does, for `wfc plan --why`.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// A note for each way in which a family waits for another; its further chunks wait alike.
void note_dependencies(const wfr::Plan& plan, std::uint32_t window, std::vector<PassNote>& notes);

}  // namespace wfc
