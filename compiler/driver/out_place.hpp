// Where an out directory may be: a place that is new, empty or wfc's own already.
#pragma once

#include "compiler/driver/compile.hpp"

#include <filesystem>

namespace wfc {

// False, and reported, where something else is: the root of the file system, a home, the data root,
// a directory of a level, or files that wfc has not made.
bool may_be_out(const Compiled& compiled, const std::filesystem::path& out, Sink& sink);

}  // namespace wfc
