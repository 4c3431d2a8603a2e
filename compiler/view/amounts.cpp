// Rounds amounts for reading.
#include "compiler/view/amounts.hpp"

#include "compiler/view/drawing.hpp"

#include <cmath>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

// "9 h 12 min", "9 h".
std::string two_units(std::uint64_t large,
                      const char* unit,
                      std::uint64_t small,
                      const char* part) {
  if (small == 0) return fmt::format("{} {}", large, unit);
  return fmt::format("{} {} {} {}", large, unit, small, part);
}

}  // namespace

std::string slurm_time(std::uint64_t seconds) {
  if (seconds == 0) return "-";
  const std::string clock = fmt::format("{:02}:{:02}", seconds / kMinute % 60, seconds % kMinute);
  if (seconds < kDay) return fmt::format("{}:{}", seconds / kHour, clock);
  return fmt::format("{}-{:02}:{}", seconds / kDay, seconds % kDay / kHour, clock);
}

std::string span_text(double seconds) {
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < kHour) return two_units(whole / kMinute, "min", whole % kMinute, "s");
  whole += kMinute / 2;
  if (whole < kDay) return two_units(whole / kHour, "h", whole % kHour / kMinute, "min");
  whole += kHour / 2;
  return two_units(whole / kDay, "d", whole % kDay / kHour, "h");
}

std::string memory_text(std::uint64_t megabytes) {
  constexpr std::uint64_t kGigabyte = 1024;
  if (megabytes == 0) return "-";
  if (megabytes < kGigabyte) return fmt::format("{}M", megabytes);
  if (megabytes % kGigabyte == 0) return fmt::format("{}G", megabytes / kGigabyte);
  return fmt::format("{:.1f}G", static_cast<double>(megabytes) / kGigabyte);
}

std::string core_hours_text(double core_seconds) {
  const double hours = core_seconds / static_cast<double>(kHour);
  if (hours >= 99.95) return with_commas(static_cast<std::uint64_t>(std::llround(hours)));
  if (hours >= 9.995) return fmt::format("{:.1f}", hours);
  if (hours == 0 || hours >= 0.0995) return fmt::format("{:.2f}", hours);
  return hours < 0.001 ? "under 0.001" : fmt::format("{:.2g}", hours);
}

std::string percent_text(double share) {
  constexpr double kHundred = 100;
  constexpr double kLeast = 0.05;
  const double percent = share * kHundred;
  if (percent > 0 && percent < kLeast) return "under 0.1 %";
  return percent < 9.95 && percent > 0 ? fmt::format("{:.1f} %", percent)
                                       : fmt::format("{:.0f} %", percent);
}

std::string count_text(std::uint64_t number, const std::string& one, const std::string& many) {
  return with_commas(number) + " " + (number == 1 ? one : many);
}

}  // namespace wfc
