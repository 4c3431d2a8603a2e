// What lies beside a workflow file: scripts that its steps use.
#pragma once

#include "compiler/workflow/resolve.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

// As ResolveOptions::find_beside; `directory`: of the workflow file.
std::vector<BesideFile> find_beside(const std::filesystem::path& directory,
                                    const std::string& path,
                                    bool pattern);

}  // namespace wfc
