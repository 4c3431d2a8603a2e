// Which scripts in an out directory wfc has written: no other file there is replaced or removed.
#pragma once

#include "compiler/driver/compile.hpp"

#include <filesystem>
#include <string>

namespace wfc {

// `place` is relative to `out`. A script that wfc has written names its plan, and a job script
// itself.
bool is_own_script(const std::filesystem::path& out, const std::string& place);

// The first script of `tree` whose place in `out` is taken by a file that wfc has not written; ""
// when there is none.
std::string taken_place(const OutputTree& tree, const std::filesystem::path& out);

}  // namespace wfc
