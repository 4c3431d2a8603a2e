// The file of an edge that no level explains: which task needs which.
#pragma once

#include "compiler/workflow/context.hpp"

#include <memory>
#include <string>

namespace wfc {

// Reads a CSV with the columns `from` and `to`; `file` is relative to the workflow file, `span` the
// place that names it. nullptr after a report. What the rows name is looked up by expand, which
// knows the directories.
std::shared_ptr<const PairsDef> read_pairs(Context& context,
                                           const std::string& file,
                                           const Span& span);

}  // namespace wfc
