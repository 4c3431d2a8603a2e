// The files that a workflow names beside itself: sample sheets and pairs.
#pragma once

#include "compiler/workflow/context.hpp"

#include <memory>
#include <string>

namespace wfc {

// `file` is relative to the workflow file, `span` the place that names it. It lives as long as what
// is reported of it. nullptr after a report.
std::shared_ptr<const SourceFile> read_sheet_file(Context& context,
                                                  const std::string& file,
                                                  const Span& span);
// The whole line, without its end.
Span line_span(const SourceFile& source, std::uint32_t line);

}  // namespace wfc
