// One out directory belongs to one workflow file: out/workflow says which.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <filesystem>

namespace wfc {

// Whether wfc has made this directory, for whatever workflow.
bool has_mark(const std::filesystem::path& out);

// False, and reported, where the out directory belongs to another workflow file. One that is not
// there any more has been renamed: the directory is free then.
bool out_is_ours(const std::filesystem::path& workflow,
                 const std::filesystem::path& out,
                 Sink& sink);
// The workflow file that an out directory belongs to, absolute; "" where it does not say.
std::filesystem::path owner_of(const std::filesystem::path& out);
// Makes it this workflow's: the path relative to the out directory, so that both may move together.
// Throws std::system_error.
void take_out(const std::filesystem::path& workflow, const std::filesystem::path& out);

}  // namespace wfc
