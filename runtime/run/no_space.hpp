// A full disk or quota behind a failure: what is full, and what to do.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace wfr {

// ENOSPC and EDQUOT.
bool is_no_space(const std::error_code& code);
// Whether a program says so, in the words of the C library.
bool says_no_space(std::string_view said);

// Where a failed attempt has written.
struct WrittenPlaces {
  std::vector<std::string> temporary;  // where its scratch is, and its TMPDIR; "" is no place
  std::string data;                    // the task's own directory
};

// "no space left: `/tmp` is full; free space there, or ...". `said`: the end of its output, or an
// error's text. "" when it does not say that there was no space, and nothing is full.
std::string no_space_text(std::string_view said, const WrittenPlaces& places);

}  // namespace wfr
