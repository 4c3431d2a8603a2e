// Writes whole files: all of the bytes or nothing.
#pragma once

#include <filesystem>
#include <string_view>

namespace wfc {

// Makes the directories above it; a temporary sibling is synced and renamed over `file`. Nobody
// else may write to any of them, whatever the umask. Throws std::system_error.
void write_whole_file(const std::filesystem::path& file, std::string_view bytes, bool executable);

}  // namespace wfc
