// Small file operations that slots, logs and names of states share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wfr {

// pread until `size` bytes or the end of the file; returns what it got. Throws std::system_error.
std::size_t read_at(int fd, void* data, std::size_t size, std::uint64_t offset);
// pwrite of everything. Throws std::system_error.
void write_at(int fd, const void* data, std::size_t size, std::uint64_t offset);

}  // namespace wfr
