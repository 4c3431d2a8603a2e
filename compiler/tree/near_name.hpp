// The name that was probably meant.
#pragma once

#include "runtime/plan/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// One that differs only in case or Unicode form, else the nearest by letters. "" when none is near.
std::string near_name(std::string_view wanted, const std::vector<std::string>& names);
std::string near_name(std::string_view wanted, const wfr::Names& names);

bool has_name(const wfr::Names& names, std::string_view wanted);

// How two names that are equal when folded differ: "case", "its Unicode form".
std::string_view folded_difference(std::string_view a, std::string_view b);

}  // namespace wfc
