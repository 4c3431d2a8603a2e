// Renames that never go over what is not meant, and small questions about paths. Links are never
// followed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wfr {

// Whether something has that name, be it a link to nothing.
bool stands(const std::string& path);
// Itself, not what a link in its place leads to.
bool is_directory(const std::string& path);
// The same file on the disk under two names.
bool same_file(const std::string& a, const std::string& b);

// From here on: std::system_error with the path when the disk fails.

// Over whatever has the name: a directory changes places with it and the old one is at `from` then.
void rename_in(const std::string& from, const std::string& to);
// Never over anything: false when the name is taken.
bool rename_new(const std::string& from, const std::string& to);
// A second name for a file, never over anything: false with errno set when that cannot be, as where
// the file system has no such names.
bool link_new(const std::string& from, const std::string& to);
// mkdir -p; what was made is appended to `made`.
void make_directories(const std::string& path, std::vector<std::string>& made);

void remove_tree(const std::string& path) noexcept;
// Names in a directory, sorted; none when it cannot be read.
std::vector<std::string> entries(const std::string& directory);
// All below a directory, absolute, ascending; directories with a '/' behind. Not the directory
// itself, and no temporaries of wfr.
std::vector<std::string> tree_below(const std::string& directory);

}  // namespace wfr
