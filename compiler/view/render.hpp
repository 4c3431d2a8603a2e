// A drawing as text: DOT, Mermaid, JSON, or SVG by Graphviz. Names with any bytes stay inside their
// quotes.
#pragma once

#include "compiler/view/drawing.hpp"

#include <string>

namespace wfc {

std::string to_dot(const Drawing& drawing);
std::string to_mermaid(const Drawing& drawing);
std::string to_json(const Drawing& drawing);

// The SVG that Graphviz's `program` makes of DOT source. `error` says why there is none.
struct SvgResult {
  std::string svg;
  std::string error;
};
SvgResult to_svg(const std::string& dot, const std::string& program = "dot");

}  // namespace wfc
