// Text, document and axis marks.
#include "compiler/view/svg_text.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;

// XML has no place for control characters.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return safe;
}

}  // namespace

std::string svg_text(const SvgPlace& place, const std::string& text) {
  return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)",
                     place.style,
                     place.x,
                     place.y,
                     place.anchor,
                     escaped(text));
}

std::string svg_document(double width, double height, const std::string& elements) {
  return fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}">
  <style>
    text {{ font-family: Helvetica, Arial, "Liberation Sans", sans-serif; fill: #26323d; }}
    .title {{ font-size: 21px; font-weight: bold; }}
    .sub {{ font-size: 14px; fill: #5a6672; }}
    .tick {{ font-size: 12px; fill: #5a6672; }}
    .name {{ font-size: 13px; font-weight: bold; }}
    .small {{ font-size: 11px; fill: #5a6672; }}
    .label {{ font-size: 13px; }}
    .grid {{ stroke: #d5dce3; stroke-width: 1; }}
    .band {{ fill: #f1f4f7; fill-opacity: 0.75; }}
    .wait {{ stroke: #9aa5b1; stroke-width: 1.5; stroke-dasharray: 2 3; }}
    .full {{ stroke: #5a6672; stroke-width: 1; stroke-dasharray: 5 3; }}
  </style>
  <rect width="100%" height="100%" fill="#ffffff"/>
{2}</svg>
)",
                     width,
                     height,
                     elements);
}

double round_step(double seconds) {
  constexpr double kMostMarks = 10;
  constexpr std::array<double, 22> kSteps{
      0.1,          0.2,          0.5,          1,       2,           5,
      10,           15,           30,           kMinute, 2 * kMinute, 5 * kMinute,
      10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,   2 * kHour,   3 * kHour,
      6 * kHour,    12 * kHour,   kDay,         2 * kDay};
  for (const double step : kSteps) {
    if (seconds / step <= kMostMarks) return step;
  }
  return std::ceil(seconds / kMostMarks / (5 * kDay)) * 5 * kDay;
}

std::string axis_text(double seconds, double step) {
  if (step < 1) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  const auto of = [&](double unit) { return whole / static_cast<std::uint64_t>(unit); };
  if (step >= kDay) return fmt::format("{} d", of(kDay));
  if (step >= kHour) {
    const std::uint64_t hours = of(kHour);
    constexpr std::uint64_t kHours = 24;
    if (hours < kHours) return fmt::format("{} h", hours);
    if (hours % kHours == 0) return fmt::format("{} d", hours / kHours);
    return fmt::format("{} d {} h", hours / kHours, hours % kHours);
  }
  const std::uint64_t minutes = of(kMinute);
  if (step >= kMinute) {
    if (minutes < 60) return fmt::format("{} min", minutes);
    return fmt::format("{}:{:02} h", minutes / 60, minutes % 60);
  }
  if (whole < 60) return fmt::format("{} s", whole);
  return fmt::format("{}:{:02} min", minutes, whole % 60);
}

}  // namespace wfc
