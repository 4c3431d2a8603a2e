// Text files -> SourceFile: the one place that opens workflow, site and template files.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace wfc {

// nullopt, without a report, when the file is not there or cannot be read; `why` then says it.
std::optional<std::string> read_text(const std::filesystem::path& file, std::string* why = nullptr);

// A source named as the user gave it. Reports WFC9001 and gives null when it cannot be read.
std::shared_ptr<const SourceFile> read_source(const std::filesystem::path& file, Sink& sink);

}  // namespace wfc
