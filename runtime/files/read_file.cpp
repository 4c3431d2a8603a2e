// A look at what was opened, before anything is read.
#include "runtime/files/read_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// Opening a FIFO waits for nobody, and a terminal does not become this process's own.
constexpr int kToRead = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

const char* kind_text(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  return S_ISSOCK(mode) ? "a socket" : "a device";
}

std::string size_text(std::uint64_t bytes) {
  if (bytes >> 30U != 0) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1U << 30U));
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1U << 20U));
}

std::string too_large_text(std::uint64_t bytes, std::uint64_t most) {
  return fmt::format("it has {}; at most {} are read", size_text(bytes), size_text(most));
}

}  // namespace

Descriptor open_directory(const std::string& path,
                          const std::string& base,
                          std::optional<ForeignLink>& link) {
  return open_by_rule(path, base, O_RDONLY | O_DIRECTORY | O_CLOEXEC, link);
}

Descriptor open_to_read(const std::string& path,
                        const std::string& base,
                        std::uint64_t most,
                        std::string& why) {
  std::optional<ForeignLink> link;
  Descriptor file = open_by_rule(path, base, kToRead, link);
  struct stat info {};
  if (link) {
    why = fmt::format("it {}; {}", foreign_link_text(*link), kForeignLinkHelp);
  } else if (!file || fstat(file.get(), &info) != 0) {
    const int error = errno;
    // A socket cannot be opened at all, but looked at.
    const Descriptor look = error == ENXIO ? open_by_rule(path, base, O_PATH, link) : Descriptor();
    why = look && fstat(look.get(), &info) == 0
              ? fmt::format("it is {}, not a file", kind_text(info.st_mode))
              : std::strerror(error);
  } else if (!S_ISREG(info.st_mode)) {
    why = fmt::format("it is {}, not a file", kind_text(info.st_mode));
  } else if (static_cast<std::uint64_t>(info.st_size) > most) {
    why = too_large_text(static_cast<std::uint64_t>(info.st_size), most);
  } else {
    return file;
  }
  return Descriptor();
}

std::optional<std::string> read_file(const std::string& path,
                                     const std::string& base,
                                     std::uint64_t most,
                                     std::string& why) {
  constexpr std::size_t kBlock = std::size_t{1} << 16U;
  const Descriptor file = open_to_read(path, base, most, why);
  if (!file) return std::nullopt;
  struct stat info {};
  fstat(file.get(), &info);
  std::string text;
  // What grows while it is read, and what has no size before it is read, ends at the limit too.
  auto room = static_cast<std::size_t>(info.st_size) + 1;
  while (true) {
    const std::size_t have = text.size();
    text.resize(have + room);
    const ssize_t got = read(file.get(), text.data() + have, room);
    if (got < 0 && errno != EINTR) {
      why = std::strerror(errno);
      return std::nullopt;
    }
    text.resize(have + (got < 0 ? 0 : static_cast<std::size_t>(got)));
    if (text.size() > most) {
      why = too_large_text(text.size(), most);
      return std::nullopt;
    }
    if (got == 0) return text;
    room = got < 0 ? room : kBlock;
  }
}

}  // namespace wfr
