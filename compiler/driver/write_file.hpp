// Writes whole files: all of the bytes or nothing.
#pragma once

#include <filesystem>
#include <string_view>

namespace wfc {

// Makes the directories above it; a temporary sibling is synced and renamed over `file`. Throws
// std::system_error.
void write_whole_file(const std::filesystem::path& file, std::string_view bytes, bool executable);

// Makes an out directory and those above it. Others could run commands as the user by changing what
// is in it: where the umask would let them write, it is the user's alone (0700). One that is there
// stays as it is. Throws std::system_error.
void make_out_directory(const std::filesystem::path& out);

}  // namespace wfc
