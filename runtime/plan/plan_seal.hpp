// plan/HASH/manifest.sha256 beside a plan: the SHA-256 of all that was compiled with it, in the
// form of `sha256sum --check`, and of the plan's head in a comment, which the start of a task can
// check.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace wfr {

inline constexpr const char* kManifestName = "manifest.sha256";

// The comment line: of the header, the table of sections and the first section, where the commands
// are. The bytes are those of a whole plan, else it is "".
std::string head_line(std::span<const char> plan);
// Throws PlanError where the manifest beside `file` does not have the line of `plan`. A plan of an
// earlier wfc has no manifest.
void check_head(const std::filesystem::path& file, std::span<const char> plan);

}  // namespace wfr
