// Times, memory sizes and factors as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wfc {

// Seconds. "90s", "1h30m", "2d", "1.5h", and Slurm's "30" (minutes), "30:00" (minutes:seconds),
// "12:00:00", "1-12", "1-12:00", "1-12:00:00". nullopt when it is none of these or above 100 years.
std::optional<std::uint64_t> parse_time(std::string_view text);
// As parse_time(), without rounding: "0.25s" is a quarter of a second.
std::optional<double> parse_duration(std::string_view text);
// Megabytes of 2^20 bytes, rounded up. "4G", "500M", "1.5T", "100K", with "B" or "iB" after the
// letter if wished, and Slurm's "4000" (megabytes). nullopt when it is none of these or above 1 EB.
std::optional<std::uint64_t> parse_memory(std::string_view text);
// As parse_memory(), without rounding and without a bound.
std::optional<double> parse_megabytes(std::string_view text);
// "x2", "x1.5": at least 1, at most 1000.
std::optional<double> parse_factor(std::string_view text);

}  // namespace wfc
