// What was asked for, used, and is proposed: a table for people.
#pragma once

#include "compiler/tune/lock_text.hpp"

#include <string>

namespace wfc {

// A line a step that has run, aligned. `saved`: what the recorded tasks would have held less with
// the proposal: core-hours where the site asks for memory by cpus, else GB-hours of memory.
std::string tune_table(const Workflow& workflow, const Lock& lock);

// "320M", "4G": as the language reads it.
std::string memory_size_text(std::uint64_t megabytes);
// "209 MB", "3.1 GB".
std::string memory_used_text(double megabytes);
// "12.3 s", "4 min 10 s".
std::string time_used_text(double seconds);

}  // namespace wfc
