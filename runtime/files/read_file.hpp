// Files opened to be read: regular files alone, of a size that is said, and through no link that
// another user has made.
#pragma once

#include "runtime/files/links.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wfr {

// In bytes: workflow, site, lock and template files, and all other text that people write.
inline constexpr std::uint64_t kMostText = std::uint64_t{64} << 20U;
// Sample sheets and lists of pairs.
inline constexpr std::uint64_t kMostSheet = std::uint64_t{1} << 30U;
// What programs write and read: data and plans.
inline constexpr std::uint64_t kAnySize = UINT64_MAX;

// An open directory. Empty when it cannot be opened: then `link` is the foreign link that is the
// reason, if one is, and errno says the rest.
Descriptor open_directory(const std::string& path,
                          const std::string& base,
                          std::optional<ForeignLink>& link);

// A regular file opened to read, never blocking. Empty when there is none or it has more than
// `most` bytes: then `why` says it, in words that go on from "cannot read `PATH`: ".
Descriptor open_to_read(const std::string& path,
                        const std::string& base,
                        std::uint64_t most,
                        std::string& why);
// All of its bytes.
std::optional<std::string> read_file(const std::string& path,
                                     const std::string& base,
                                     std::uint64_t most,
                                     std::string& why);

}  // namespace wfr
