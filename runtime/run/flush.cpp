// fsync, and where the journal of the file system allows less, the writing of a file's data alone.
#include "runtime/run/flush.hpp"

#include "runtime/run/file_moves.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// ext4 can be made without one.
bool ext4_has_journal(dev_t device) {
  std::error_code error;
  const fs::path block = fs::canonical(
      "/sys/dev/block/" + std::to_string(major(device)) + ":" + std::to_string(minor(device)),
      error);
  return !error && fs::exists("/sys/fs/ext4/" + block.filename().string() + "/journal_task", error);
}

// Only what the log will not bring.
int flush_descriptor(int fd, Journal::Brings brings) {
  constexpr unsigned kWritten =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (brings != Journal::Brings::NamesAndSizes) return fsync(fd);
  if (sync_file_range(fd, 0, 0, kWritten) == 0) return 0;
  // A disk that has failed says so once: only what this call is not for is asked again.
  return errno == ESPIPE || errno == EINVAL || errno == ENOSYS ? fsync(fd) : -1;
}

Journal::Brings brought_to(int fd, const Journal& journal) {
  struct stat info {};
  return fstat(fd, &info) == 0 && info.st_dev == journal.device ? journal.brings
                                                                : Journal::Brings::Nothing;
}

// A link has nothing of its own to flush.
void flush_one(const std::string& path, const Journal& journal, bool names) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return;
  const Journal::Brings brings = brought_to(fd, journal);
  const bool brought = names && brings != Journal::Brings::Nothing;
  const int status = brought ? 0 : flush_descriptor(fd, brings);
  const int error = errno;
  close(fd);
  // EINVAL: a device or a pipe, or a file system that knows no such thing.
  if (status != 0 && error != EINVAL) {
    throw std::system_error(error, std::generic_category(), "cannot write `" + path + "`");
  }
}

}  // namespace

Journal journal_of(const std::string& log) {
  struct stat info {};
  struct statfs kind {};
  constexpr auto kExt4 = 0xEF53;
  constexpr auto kXfs = 0x58465342;
  if (stat(log.c_str(), &info) != 0 || statfs(log.c_str(), &kind) != 0) return {};
  if (kind.f_type == kXfs) return {Journal::Brings::Names, info.st_dev};
  if (kind.f_type != kExt4 || !ext4_has_journal(info.st_dev)) return {};
  return {Journal::Brings::NamesAndSizes, info.st_dev};
}

void flush_tree(const std::string& path, const Journal& journal) {
  const bool directory = is_directory(path);
  if (directory) {
    for (const std::string& inner : tree_below(path)) {
      // Their names too: not every file system keeps them with the file.
      flush_one(inner, journal, inner.back() == '/');
    }
  }
  flush_one(path, journal, directory);
}

void flush_names(const std::string& directory, const Journal& journal) {
  flush_one(directory, journal, true);
}

void begin_flush(const std::string& file) noexcept {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  // A hint: what does not know it (a pipe, another kind of file system) is flushed all the same.
  static_cast<void>(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
  close(fd);
}

}  // namespace wfr
