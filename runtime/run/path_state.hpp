// What is at a path now, as keys and fingerprints compare it.
#pragma once

#include "runtime/plan/state.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace wfr {

// The digest of a file's content; of one that cannot be read, a digest that says so.
using ContentOf = std::function<Key(const std::string& path, const struct stat& info)>;

struct PathState {
  bool there = false;
  bool directory = false;
  Key digest;               // of sizes and modification times, or of contents
  Key sizes;                // the same without times: a copy of a file or tree has the same
  std::uint64_t bytes = 0;  // of all files
};

// Of a directory: every file below it, by name; a link by its text and by what it leads to, also
// when that is a directory, each of these once. What a running task keeps there (`.wfr.*`) is left
// out. `content`: empty, or what is compared instead of times.
PathState state_of(const std::string& path, const ContentOf& content = {});
// The same of something that is known to be there. `files`: gets what there is, directories with a
// '/' behind; what lies behind a link is somewhere else. `only`: null, or what of a directory
// counts, written as in `files`. `base`: as in links.hpp, for the directories that are read.
PathState state_of(const std::string& path,
                   const struct stat& info,
                   const ContentOf& content = {},
                   std::vector<std::string>* files = nullptr,
                   const std::set<std::string>* only = nullptr,
                   const std::string& base = {});

// One look at a path: `info` is of what a link leads to.
struct PathLook {
  bool there = false;
  bool link = false;
  struct stat info {};
};
PathLook look_at_path(const std::string& path);

// What a chain of links at `path` says, from link to link; "" when there is none.
std::string link_texts(const std::string& path);

// Why nothing can be read at a path: "does not exist", "is a broken link: `x` does not exist",
// "cannot be read: permission denied". "" when something is there.
std::string absence_of(const std::string& path);

// Directories that no step makes, each walked once. For any thread.
class DirectoryStates {
 public:
  PathState of(const std::string& path,
               const struct stat& info,
               const ContentOf& content,
               const std::string& base = {});
  // As link_texts(), but for the directories on the way: those of `path` that are longer than its
  // first `from` bytes.
  std::string links_on_the_way(const std::string& path, std::size_t from);

 private:
  struct Walked {
    std::once_flag once;
    PathState state;
  };
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Walked>> walked_;
  std::map<std::string, std::string> links_;
};

}  // namespace wfr
