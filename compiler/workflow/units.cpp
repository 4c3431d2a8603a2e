// Times, memory sizes and factors as people write them.
#include "compiler/workflow/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace wfc {
namespace {

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kLongest = kDay * 365 * 100;

// Takes digits, and with `fraction` also a point and digits, off the front.
std::optional<double> take_number(std::string_view& text, bool fraction) {
  std::size_t length = 0;
  bool point = false;
  while (length < text.size()) {
    const char byte = text[length];
    const bool is_point = fraction && byte == '.' && !point && length > 0;
    if (!is_point && (byte < '0' || byte > '9')) break;
    point = point || is_point;
    ++length;
  }
  if (length == 0 || length > 18 || text[length - 1] == '.') return std::nullopt;
  const std::string digits(text.substr(0, length));
  text.remove_prefix(length);
  return std::strtod(digits.c_str(), nullptr);
}

std::optional<std::uint64_t> within(double value, std::uint64_t most) {
  if (!(value <= static_cast<double>(most))) return std::nullopt;
  return static_cast<std::uint64_t>(std::ceil(value));
}

// "1h30m": each unit at most once, larger before smaller.
std::optional<double> parse_units(std::string_view text) {
  constexpr std::string_view kUnits = "dhms";
  constexpr std::array<double, 4> kSeconds = {kDay, kHour, kMinute, 1};
  std::size_t next = 0;
  double total = 0;
  while (!text.empty()) {
    const std::optional<double> number = take_number(text, true);
    if (!number || text.empty()) return std::nullopt;
    const std::size_t unit = kUnits.find(text.front(), next);
    if (unit == std::string_view::npos) return std::nullopt;
    total += *number * kSeconds[unit];
    next = unit + 1;
    text.remove_prefix(1);
  }
  return total <= double{kLongest} ? std::optional<double>(total) : std::nullopt;
}

// "[days-]a[:b[:c]]" as in sbatch(1): after days the first is hours, else it is minutes unless all
// three are there.
std::optional<std::uint64_t> parse_clock(std::string_view text) {
  double days = 0;
  const std::size_t dash = text.find('-');
  const bool has_days = dash != std::string_view::npos;
  if (has_days) {
    std::string_view before = text.substr(0, dash);
    const std::optional<double> number = take_number(before, false);
    if (!number || !before.empty()) return std::nullopt;
    days = *number;
    text.remove_prefix(dash + 1);
  }
  std::vector<double> parts;
  while (true) {
    const std::optional<double> number = take_number(text, false);
    if (!number || parts.size() == 3) return std::nullopt;
    parts.push_back(*number);
    if (text.empty()) break;
    if (text.front() != ':') return std::nullopt;
    text.remove_prefix(1);
  }
  double unit = has_days || parts.size() == 3 ? double{kHour} : double{kMinute};
  double total = days * double{kDay};
  for (const double part : parts) {
    total += part * unit;
    unit /= 60;
  }
  return within(total, kLongest);
}

}  // namespace

std::optional<std::uint64_t> parse_time(std::string_view text) {
  if (text.find_first_of("dhms") == std::string_view::npos) return parse_clock(text);
  const std::optional<double> seconds = parse_units(text);
  return seconds ? within(*seconds, kLongest) : std::nullopt;
}

std::optional<double> parse_duration(std::string_view text) {
  if (text.find_first_of("dhms") != std::string_view::npos) return parse_units(text);
  const std::optional<std::uint64_t> seconds = parse_clock(text);
  return seconds ? std::optional<double>(static_cast<double>(*seconds)) : std::nullopt;
}

std::optional<double> parse_megabytes(std::string_view text) {
  const std::optional<double> number = take_number(text, true);
  if (!number) return std::nullopt;
  double factor = 1;
  if (!text.empty()) {
    constexpr std::string_view kUnits = "KMGTPkmgtp";
    const std::size_t unit = kUnits.find(text.front());
    if (unit == std::string_view::npos) return std::nullopt;
    factor = std::pow(1024.0, static_cast<double>(unit % 5) - 1);
    text.remove_prefix(1);
    if (!text.empty() && text != "B" && text != "iB") return std::nullopt;
  }
  return *number * factor;
}

std::optional<std::uint64_t> parse_memory(std::string_view text) {
  constexpr std::uint64_t kMost = 1ULL << 40U;
  const std::optional<double> megabytes = parse_megabytes(text);
  return megabytes ? within(*megabytes, kMost) : std::nullopt;
}

std::optional<double> parse_factor(std::string_view text) {
  constexpr double kMost = 1000;
  if (text.empty() || text.front() != 'x') return std::nullopt;
  text.remove_prefix(1);
  const std::optional<double> number = take_number(text, true);
  if (!number || !text.empty() || *number < 1 || *number > kMost) return std::nullopt;
  return number;
}

}  // namespace wfc
