// The indices of a job array as Slurm reads them, and the table that stands in for a list too long.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wfc {

// Slurm keeps an array's index list as text in several places; a longer one becomes a dense array
// over an index table.
inline constexpr std::size_t kMaxIndexListBytes = 4000;

// "0-3,7,9-12"
std::string index_list(const std::vector<wfr::Range>& indices);
// True if the array is submitted as 0-(size-1), each index an entry of its table.
bool uses_table(const wfr::JobArray& array);
// What follows --array=, with %limit: "0-95%8".
std::string array_spec(const wfr::JobArray& array);
// Where the table is, relative to the out directory.
std::string table_path(const std::string& plan_hash, const wfr::JobArray& array);
// The table's bytes: every index as a little-endian 32-bit number.
std::string table_bytes(const std::vector<wfr::Range>& indices);

// True if every index of `inner` is one of `outer`; both ascending.
bool is_subset(const std::vector<wfr::Range>& inner, const std::vector<wfr::Range>& outer);

}  // namespace wfc
