// Trees of days with channels below them.
#pragma once

#include "runtime/plan/plan.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wfr::test {

// {day, its channels}, in this order.
Tree tree_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& days);

}  // namespace wfr::test
