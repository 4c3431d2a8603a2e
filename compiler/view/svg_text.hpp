// Pieces of SVG that pictures of times share.
#pragma once

#include <string>

namespace wfc {

struct SvgPlace {
  double x = 0;
  double y = 0;
  const char* style = "";   // a class of svg_document(): title sub tick name small label
  const char* anchor = "";  // start middle end
};

// A text element; any bytes are made safe.
std::string svg_text(const SvgPlace& place, const std::string& text);
// A whole file around elements: size in pixels, styles, light background.
std::string svg_document(double width, double height, const std::string& elements);

// The distance of marks on an axis of so many seconds: a round time, five to eleven marks.
double round_step(double seconds);
// A mark: "90 s", "1 h 30 min", "2 d"; all marks of a step in the same units.
std::string axis_text(double seconds, double step);

}  // namespace wfc
