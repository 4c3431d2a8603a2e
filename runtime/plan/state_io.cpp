// Retrying without hiding: what does not go away is thrown with the file's name.
#include "runtime/plan/state_io.hpp"

#include "runtime/plan/own_out.hpp"

#include <cerrno>
#include <ctime>
#include <limits>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr int kMostTries = 6;

// 10 ms, 20 ms, ... 320 ms: a server that has just come back needs no longer.
void wait_before(int tries) {
  constexpr long kFirstNs = 10'000'000;
  timespec pause{0, kFirstNs << tries};
  nanosleep(&pause, nullptr);
}

[[noreturn]] void fail(const char* what, const StateFile& file, int error) {
  throw std::system_error(
      error, std::generic_category(), std::string(what) + " `" + file.path + "`");
}

}  // namespace

StateFile open_state_file(const std::string& path, int flags) {
  StateFile file{-1, path, flags};
  for (int tries = 0; tries < kMostTries; ++tries) {
    // A pipe in the place of a file is never waited for.
    file.fd = open(path.c_str(), flags | O_NONBLOCK, kOwnFile);
    if (file.fd >= 0 || (errno != EINTR && errno != ESTALE)) break;
    if (errno == ESTALE) wait_before(tries);
  }
  return file;
}

bool repeat_after_error(const StateFile& file, int tries) {
  const int error = errno;
  if (error == EINTR) return true;
  if (error != ESTALE || tries + 1 >= kMostTries) return false;
  wait_before(tries);
  const int fresh = open(file.path.c_str(), file.flags & ~(O_CREAT | O_TRUNC | O_EXCL));
  if (fresh >= 0) {
    dup3(fresh, file.fd, O_CLOEXEC);
    close(fresh);
  }
  errno = error;
  return true;
}

std::size_t read_at(const StateFile& file, void* data, std::size_t size, std::uint64_t offset) {
  // A damaged slot may point anywhere: there is nothing so far out.
  constexpr auto kEnd = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (size > kEnd || offset > kEnd - size) return 0;
  std::size_t done = 0;
  for (int tries = 0; done < size;) {
    const ssize_t n = pread(
        file.fd, static_cast<char*>(data) + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && repeat_after_error(file, tries++)) continue;
    if (n < 0) fail("cannot read", file, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void write_at(const StateFile& file, const void* data, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  for (int tries = 0; done < size;) {
    const ssize_t n = pwrite(file.fd,
                             static_cast<const char*>(data) + done,
                             size - done,
                             static_cast<off_t>(offset + done));
    if (n < 0 && repeat_after_error(file, tries++)) continue;
    if (n <= 0) fail("cannot write", file, n == 0 ? ENOSPC : errno);
    done += static_cast<std::size_t>(n);
  }
}

void replace_file(const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path temporary =
      file.parent_path() / ("." + file.filename().string() + "." + std::to_string(::getpid()));
  // What a killed process of this number has left; never through a link.
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnFile);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), temporary.string());
  try {
    write_at({fd, temporary.string(), O_WRONLY}, bytes.data(), bytes.size(), 0);
    if (::fsync(fd) != 0) {
      throw std::system_error(errno, std::generic_category(), temporary.string());
    }
    std::filesystem::rename(temporary, file);
  } catch (...) {
    ::close(fd);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(fd);
  sync_directory(file.parent_path());
}

void sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace wfr
