// The pages of diagnostics: docs/reference/diagnostics, built in.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// Every page, in the order of their names. Made by cmake/WfcEmbedPages.cmake.
const std::vector<std::string_view>& diagnostic_pages();
// The section "## WFCnnnn ..." of a kind, up to the next one. Its title alone when there is none.
std::string explanation(Kind kind);

}  // namespace wfc
