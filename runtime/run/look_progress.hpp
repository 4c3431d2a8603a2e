// A line on a terminal while results are looked at: "looking at 120,000 of 1,000,000 results".
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace wfr {

// For DecideOptions::on_progress. Writes to stderr, after half a second, if that is a terminal; the
// line goes with the last result. Empty where there is none.
std::function<void(std::uint64_t, std::uint64_t)> look_progress();
std::string look_progress_text(std::uint64_t looked, std::uint64_t total);

}  // namespace wfr
