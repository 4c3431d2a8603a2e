// Where site profiles are found: built in, the user's, the project's.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace wfc {

// Lowest priority first: the built-in profiles, ~/.config/wfc/sites/*.toml (XDG_CONFIG_HOME is
// obeyed), then sites/*.toml beside the workflow file. Each holds [site.NAME] tables.
std::vector<std::shared_ptr<const SourceFile>> read_site_files(
    const std::filesystem::path& workflow, Sink& sink);

// True when `program` is on PATH.
bool on_path(const std::string& program);

}  // namespace wfc
