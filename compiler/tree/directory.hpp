// Reading one directory with getdents64: names and d_type, no stat.
#pragma once

#include "runtime/files/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

enum class EntryKind : std::uint8_t { Directory, Link, Unknown, Other };

// As getdents tells it. The inode of a mounted directory is that of the directory beneath.
struct DirectoryEntry {
  std::string_view name;
  EntryKind kind = EntryKind::Other;
  std::uint64_t inode = 0;
};

// An open directory; at most one file descriptor.
class DirectoryReader {
 public:
  DirectoryReader();

  // Opens `path`, closing the one before; through no link of others below `root`, which `path`
  // begins with. 0 or errno.
  int open(const std::string& path, const std::string& root);
  [[nodiscard]] int fd() const { return directory_.get(); }
  // Every entry but `.` and `..`, in the file system's order. 0 or errno.
  int read(const std::function<void(const DirectoryEntry&)>& visit);

 private:
  wfr::Descriptor directory_;
  std::vector<char> buffer_;
};

// What an entry is when a symbolic link is followed. A `directory_fd` of -1 is the working
// directory.
struct EntryStatus {
  bool is_directory = false;
  int error = 0;  // ENOENT for a link that leads nowhere
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};
EntryStatus follow_entry(int directory_fd, std::string_view name);
// True for a symbolic link, wherever it leads.
bool is_link(int directory_fd, std::string_view name);

}  // namespace wfc
