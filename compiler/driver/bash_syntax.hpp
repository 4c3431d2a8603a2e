// Asks bash whether it can read texts, without running anything of them.
#pragma once

#include "compiler/workflow/resolve.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wfc {

// Parallel to `texts`: nothing where bash can read the text, and where there is no bash or it does
// not answer.
std::vector<std::optional<BashProblem>> bash_problems(const std::vector<std::string>& texts);

}  // namespace wfc
