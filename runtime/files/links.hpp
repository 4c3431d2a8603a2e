// Which symbolic links on the way to a file are followed.
#pragma once

#include "runtime/files/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace wfr {

// A symbolic link that is not followed. One is followed if it belongs to this user, to root, or to
// whom what it leads to belongs: then it gives its owner nothing that he did not have.
struct ForeignLink {
  std::string path;
  uid_t owner = 0;
  uid_t target_owner = 0;
};

// The first such link on the way to `path`; nullopt where there is none, or nothing at the path.
// How far the way is looked at: in all of these functions `base` is a path that the user has
// chosen, and links in it are his own affair. It counts where `path` is `base` or begins with
// `base` and a '/'; else all of `path` is looked at. One system call where there is no link.
std::optional<ForeignLink> foreign_link(const std::string& path, const std::string& base);
// The same of one entry of an open directory; `shown` is its path in the answer.
std::optional<ForeignLink> foreign_link_at(int directory,
                                           const std::string& name,
                                           std::string shown);

// What is wrong with such a link, after "the input `x` " or "it ", and what to do about it.
std::string foreign_link_text(const ForeignLink& link);
inline constexpr std::string_view kForeignLinkHelp =
    "replace it by a link of your own, or by what it leads to";
// Both in one; "" when there is none.
std::string foreign_link_problem(const std::string& path, const std::string& base);

// "user 1000", or "root".
std::string owner_text(uid_t owner);

// open(2) by this rule. Empty with errno set when it fails; `link` is the foreign link that is the
// reason, if one is.
Descriptor open_by_rule(const std::string& path,
                        const std::string& base,
                        int flags,
                        std::optional<ForeignLink>& link);

// open(2) where no component of the path may be a link: ELOOP then, and ENOSYS where the kernel
// (before 5.6) or a filter does not know the call behind it.
Descriptor open_without_links(int directory,
                              const std::string& path,
                              int flags,
                              bool beneath = false);

}  // namespace wfr
