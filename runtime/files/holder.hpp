// Holders: directories that wfr makes for one task among the data of users, where others may write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace wfr {

// The names of holders, and of all else that wfr makes among the data, begin so.
constexpr std::string_view kHolderPrefix = ".wfr.";

// The sticky bit of a private directory has no effect, and nobody's own directory has it: by it a
// holder is known, and a directory that was renamed to a holder's name is not taken for one.
constexpr mode_t kHolderMode = S_ISVTX | S_IRWXU;

// Whether this user has made it as a holder. By path: what stands there itself, never what a link
// leads to.
bool is_holder(const struct stat& info);
bool is_holder(const std::string& path);

// mkdir; false with errno set.
bool make_holder(int directory, const char* name);

// rm -r of what is in an open directory under that name. False if something stays.
bool remove_entry(int directory, const char* name);

struct Entry {
  std::string name;
  bool directory = false;  // itself, not what a link leads to
};
// What is in an open directory, without "." and "..". Not for a descriptor of O_PATH. Throws
// std::system_error when it cannot be read.
std::vector<Entry> entries_in(int directory);
std::vector<std::string> names_in(int directory);
bool is_empty_directory(int directory);

// 16 hexadecimal digits that nobody can foresee. Throws std::system_error.
std::string random_digits();

// With all in it; nothing that only has the name of one. `base`: as for open_parent().
void remove_holder(const std::string& path, const std::string& base = {}) noexcept;

// The path of the holder with that name in `directory`, whether it is there or not. If somebody
// else has taken the name, another one is taken that begins so and that nobody can foresee, or that
// a killed attempt has left; `foreign` is then what stands under the first name, else "".
std::string holder_in(const std::string& directory, const std::string& name, std::string& foreign);

// Whether others than its owner may write to it. A group that has the number of the owner is his
// alone, unless an access list says more.
bool others_may_write(const std::string& path, const struct stat& info);

// Whether others can put something else in the place of what is in `directory` (absolute): it, or
// one above it, belongs to another user, or others may write there and its sticky bit is not set.
bool others_may_exchange(const std::string& directory);

}  // namespace wfr
