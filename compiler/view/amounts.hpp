// Amounts as people read them: times, memory, core-hours, shares.
#pragma once

#include <cstdint>
#include <string>

namespace wfc {

// As Slurm prints a time limit: "1:30:00", "2-12:00:00"; "-" for 0.
std::string slurm_time(std::uint64_t seconds);
// Two units at most: "850 ms", "12.3 s", "4 min 10 s", "9 h 12 min", "3 d 4 h".
std::string span_text(double seconds);
// "500M", "4G", "1.5G"; "-" for 0.
std::string memory_text(std::uint64_t megabytes);
// Core-hours from core-seconds, three digits or the whole number: "0.25", "31.0", "3,100", and
// "under 0.001" of little.
std::string core_hours_text(double core_seconds);
// "0.4 %", "13 %".
std::string percent_text(double share);
// "1 job", "1,200 jobs".
std::string count_text(std::uint64_t number, const std::string& one, const std::string& many);

}  // namespace wfc
