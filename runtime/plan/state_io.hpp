// Small file operations that slots and logs of states share, for file systems that may answer
// short, late, or that they no longer know the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace wfr {

// An open file and how to open it again: a server (NFS) that has moved a file answers ESTALE until
// then. Its descriptor keeps its number, so that other threads need not know.
struct StateFile {
  int fd = -1;
  std::string path;
  int flags = 0;  // of open()
};

// open() with EINTR and ESTALE repeated; `fd` is -1 with errno set when it fails.
StateFile open_state_file(const std::string& path, int flags);
// After a call on `file` has failed with errno, the `tries`-th time (from 0): whether it is to be
// repeated. Waits a moment and opens the file again after ESTALE; errno is kept when not.
bool repeat_after_error(const StateFile& file, int tries);

// pread until `size` bytes or the end of the file; returns what it got. Throws std::system_error.
std::size_t read_at(const StateFile& file, void* data, std::size_t size, std::uint64_t offset);
// pwrite of everything, whatever the system writes at once. Throws std::system_error.
void write_at(const StateFile& file, const void* data, std::size_t size, std::uint64_t offset);

// A whole file in the place of the old one, if there is one: on the disk, with its name, when it
// returns. Throws std::system_error, and the old file is as it was.
void replace_file(const std::filesystem::path& file, std::string_view bytes);
// Makes the names in a directory durable, where the file system can.
void sync_directory(const std::filesystem::path& directory);

}  // namespace wfr
