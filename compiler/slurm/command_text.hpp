// The command of a step as people read it: the template, with its placeholders.
#pragma once

#include "runtime/plan/plan.hpp"

#include <string>
#include <vector>

namespace wfc {

// Lines without control characters; of a long command the first. A secret is the variable that
// holds it, never its value: no plan has that.
std::vector<std::string> command_lines(const wfr::Plan& plan, const wfr::StepSpec& step);

}  // namespace wfc
