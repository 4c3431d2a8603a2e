// Reading one directory with getdents64, with a larger buffer than readdir's.
#include "compiler/tree/directory.hpp"

#include "runtime/files/read_file.hpp"

#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wfc {

namespace {

constexpr std::size_t kBufferSize = std::size_t{256} * 1024;

// The head of the kernel's struct linux_dirent64; the name follows, ended by NUL.
struct EntryHead {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
};
constexpr std::size_t kNameOffset = 19;

EntryKind kind_of(std::uint8_t type) {
  switch (type) {
    case DT_DIR:
      return EntryKind::Directory;
    case DT_LNK:
      return EntryKind::Link;
    case DT_UNKNOWN:
      return EntryKind::Unknown;
    default:
      return EntryKind::Other;
  }
}

}  // namespace

DirectoryReader::DirectoryReader() : buffer_(kBufferSize) {}

int DirectoryReader::open(const std::string& path, const std::string& root) {
  std::optional<wfr::ForeignLink> link;
  directory_ = wfr::open_directory(path, root, link);
  return directory_ ? 0 : errno;
}

int DirectoryReader::read(const std::function<void(const DirectoryEntry&)>& visit) {
  while (true) {
    const long got = ::syscall(SYS_getdents64, fd(), buffer_.data(), buffer_.size());
    if (got < 0) return errno;
    if (got == 0) return 0;
    const char* const end = buffer_.data() + got;
    for (const char* at = buffer_.data(); at < end;) {
      EntryHead head{};
      std::memcpy(&head, at, kNameOffset);
      const std::string_view name(at + kNameOffset);
      if (name != "." && name != "..") visit({name, kind_of(head.type), head.inode});
      at += head.length;
    }
  }
}

EntryStatus follow_entry(int directory_fd, std::string_view name) {
  const std::string terminated(name);
  struct stat info {};
  EntryStatus status;
  const int base = directory_fd < 0 ? AT_FDCWD : directory_fd;
  if (::fstatat(base, terminated.c_str(), &info, 0) != 0) {
    status.error = errno;
    return status;
  }
  status.is_directory = S_ISDIR(info.st_mode);
  status.device = info.st_dev;
  status.inode = info.st_ino;
  return status;
}

bool is_link(int directory_fd, std::string_view name) {
  const std::string terminated(name);
  struct stat info {};
  return ::fstatat(directory_fd, terminated.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(info.st_mode);
}

}  // namespace wfc
