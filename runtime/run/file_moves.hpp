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

// The calls from here on are made by descriptors (safe_open.hpp): a link that somebody else made is
// not followed, and none at all below `base`, the directory of a task (absolute, or ""). They throw
// std::system_error with the path when the disk fails, and UnsafePathError; the noexcept ones leave
// what they cannot remove.

// Over whatever has the name: a directory changes places with it and the old one is at `from` then.
// True: they have changed places.
bool rename_in(const std::string& from, const std::string& to, const std::string& base = {});
// Never over anything: false when the name is taken.
bool rename_new(const std::string& from, const std::string& to, const std::string& base = {});
// A second name for a file, never over anything: false with errno set when that cannot be, as where
// the file system has no such names.
bool link_new(const std::string& from, const std::string& to, const std::string& base = {});
// mkdir -p; what was made is appended to `made`.
void make_directories(const std::string& path,
                      std::vector<std::string>& made,
                      const std::string& base = {});
// cp -a, but for owners and for anything that is no file, link or directory; `to` must be free.
void copy_tree(const std::string& from, const std::string& to, const std::string& base = {});

void remove_tree(const std::string& path, const std::string& base = {}) noexcept;
void remove_file(const std::string& path, const std::string& base = {}) noexcept;
// Only an empty one.
void remove_directory(const std::string& path, const std::string& base = {}) noexcept;
// Names in a directory, sorted; none when there is no such directory. This and tree_below() throw
// std::system_error when one cannot be read.
std::vector<std::string> entries(const std::string& directory);
// All below a directory, absolute, ascending; directories with a '/' behind. Not the directory
// itself, and no temporaries of wfr.
std::vector<std::string> tree_below(const std::string& directory);

}  // namespace wfr
