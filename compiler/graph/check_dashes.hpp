// Values from the disk and from sheets that a command would take for options.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

namespace wfc {

// Warns, once for each placeholder of a step, where a name or a column begins with `-` and is a
// word of its own in `run` or `argv`. Numbers are no options, and after a word `--` nothing is.
// O(tasks) for a placeholder with such a value, else O(its values).
void check_dashes(const Workflow& workflow, const wfr::Plan& plan, Sink& sink);

}  // namespace wfc
