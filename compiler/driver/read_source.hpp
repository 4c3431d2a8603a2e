// Text files -> SourceFile: the one place that opens workflow, site and template files.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/files/read_file.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace wfc {

// The text of a regular file of at most `most` bytes, whose path the user has chosen. nullopt,
// without a report, when it is not there or cannot be read; `why` then says it.
std::optional<std::string> read_text(const std::filesystem::path& file,
                                     std::string* why = nullptr,
                                     std::uint64_t most = wfr::kMostText);
// The same of a file that is found in `directory`, or that a file there names: no foreign link is
// followed from there on.
std::optional<std::string> read_text_from(const std::filesystem::path& directory,
                                          const std::filesystem::path& file,
                                          std::uint64_t most,
                                          std::string& why);

// A source named as the user gave it, or one that lies in his `directory`. Reports WFC9001 and
// gives null when it cannot be read.
std::shared_ptr<const SourceFile> read_source(const std::filesystem::path& file, Sink& sink);
std::shared_ptr<const SourceFile> read_source_from(const std::filesystem::path& directory,
                                                   const std::filesystem::path& file,
                                                   Sink& sink);

}  // namespace wfc
