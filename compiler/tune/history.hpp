// How long tasks took in earlier runs, from the records of an out directory.
#pragma once

#include "compiler/slurm/task_times.hpp"

#include <filesystem>

namespace wfc {

// The mean over every attempt that succeeded, of every plan whose file is still there. A state of
// another version of the format is passed over.
History read_history(const std::filesystem::path& out);

}  // namespace wfc
