// Opening below directories in which others may write. A path is resolved step by step by
// descriptors, so that nothing can be exchanged between a look and its use, and a link that
// somebody else made is not followed.
#pragma once

#include "runtime/files/links.hpp"

#include <string>
#include <system_error>

namespace wfr {

// A path leads through a link that is not followed, or through something of somebody else where
// only one's own may be. what(): which, whose, and what to do.
class UnsafePathError : public std::system_error {
 public:
  explicit UnsafePathError(const std::string& what);
  // Without the words for its number, which is ELOOP.
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// By the rule of links.hpp: what it does not follow is an UnsafePathError. A directory whose name
// begins with ".wfr." must be a holder (holder.hpp) of this user.

// A descriptor (O_PATH) of what `path` (absolute) leads to; empty with errno set when it cannot be
// opened, as where nothing is there. `directory`: of a directory only.
Descriptor open_path(const std::string& path, bool directory = false);

// The directory of `path` and the name in it, for the calls that end in "at". No component below
// `base` (absolute, or "" for none) may be a link, whoever made it.
struct Parent {
  Descriptor directory;  // empty with errno set when it cannot be opened
  std::string name;
  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(directory); }
};
Parent open_parent(const std::string& path, const std::string& base = {});

// The same for calls that must not throw: empty where it would.
Parent parent_or_none(const std::string& path, const std::string& base) noexcept;

// A directory in an open one, for reading its names; a link is none.
Descriptor open_inner_directory(int directory, const char* name);

}  // namespace wfr
