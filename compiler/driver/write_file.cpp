// Temporary sibling, sync, rename.
#include "compiler/driver/write_file.hpp"

#include "runtime/plan/own_out.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

void write_all(int fd, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), file.string());
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void write_whole_file(const fs::path& file, std::string_view bytes, bool executable) {
  if (file.has_parent_path()) wfr::make_own_directories(file.parent_path());
  const fs::path temporary =
      file.parent_path() / ("." + file.filename().string() + "." + std::to_string(::getpid()));
  // What a killed process of this number has left; never through a link.
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                        executable ? wfr::kOwnProgram : wfr::kOwnFile);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), file.string());
  try {
    write_all(fd, bytes, file);
    if (::fsync(fd) != 0) throw std::system_error(errno, std::generic_category(), file.string());
    fs::rename(temporary, file);
  } catch (...) {
    ::close(fd);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(fd);
}

}  // namespace wfc
