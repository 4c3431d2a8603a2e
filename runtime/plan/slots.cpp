// Slots: 64 bytes a task, each written by one pwrite that is on the disk when it returns.
#include "runtime/plan/state.hpp"
#include "runtime/plan/state_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace wfr {
namespace {

static_assert(std::is_trivially_copyable_v<Slot>);

std::uint32_t checksum_of(const Slot& slot) {
  return XXH32(&slot, offsetof(Slot, checksum), 0);
}

Slot checked(const Slot& slot) {
  // A hole of a sparse file is all zeros; its checksum field does not match, and it reads as None
  // too.
  const bool good = slot.checksum == checksum_of(slot) && slot.verdict <= Verdict::Cancelled &&
                    slot.failure <= FailureKind::Node;
  return good ? slot : Slot{};
}

// Neighbours go out together; between them the file keeps its holes.
void write_runs(int fd, const std::vector<std::pair<TaskIndex, Slot>>& slots) {
  std::vector<Slot> run;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    run.push_back(slots[i].second);
    run.back().checksum = checksum_of(run.back());
    const bool last = i + 1 == slots.size() || slots[i + 1].first != slots[i].first + 1;
    if (!last) continue;
    const std::uint64_t first = std::uint64_t{slots[i].first} + 1 - run.size();
    write_at(fd, run.data(), run.size() * sizeof(Slot), first * sizeof(Slot));
    run.clear();
  }
}

}  // namespace

std::size_t read_at(int fd, void* data, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(
        fd, static_cast<char*>(data) + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "reading the state");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void write_at(int fd, const void* data, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pwrite(
        fd, static_cast<const char*>(data) + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "writing the state");
    done += static_cast<std::size_t>(n);
  }
}

SlotFile::SlotFile(int fd) : fd_(fd) {}

SlotFile::SlotFile(const std::filesystem::path& file, std::uint32_t count, bool writable) {
  if (!writable) {
    fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0 && errno != ENOENT) {
      throw std::system_error(errno, std::generic_category(), file.string());
    }
    return;
  }
  std::filesystem::create_directories(file.parent_path());
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_DSYNC, 0666);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), file.string());
  // The final size at once, so that a later write changes no metadata; several processes may do it.
  struct stat info {};
  const auto size = static_cast<off_t>(std::uint64_t{count} * sizeof(Slot));
  if (::fstat(fd_, &info) == 0 && info.st_size < size && ::ftruncate(fd_, size) != 0) {
    const int error = errno;
    ::close(fd_);
    throw std::system_error(error, std::generic_category(), file.string());
  }
}

SlotFile::SlotFile(SlotFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

SlotFile& SlotFile::operator=(SlotFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

SlotFile::~SlotFile() {
  if (fd_ >= 0) ::close(fd_);
}

Slot SlotFile::read(TaskIndex index) const {
  Slot slot;
  if (fd_ < 0) return slot;
  if (read_at(fd_, &slot, sizeof(slot), std::uint64_t{index} * sizeof(Slot)) != sizeof(slot)) {
    return {};
  }
  return checked(slot);
}

std::vector<Slot> SlotFile::read_range(Range range) const {
  std::vector<Slot> slots(range.empty() ? 0 : range.size());
  if (fd_ < 0 || slots.empty()) return slots;
  const std::size_t size = slots.size() * sizeof(Slot);
  const std::size_t got =
      read_at(fd_, slots.data(), size, std::uint64_t{range.begin} * sizeof(Slot));
  // Of a slot that is only half in the file nothing is believed.
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = (i + 1) * sizeof(Slot) <= got ? checked(slots[i]) : Slot{};
  }
  return slots;
}

void SlotFile::create(const std::filesystem::path& file,
                      std::uint32_t count,
                      const std::vector<std::pair<TaskIndex, Slot>>& slots) {
  const SlotFile made(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  const auto size = static_cast<off_t>(std::uint64_t{count} * sizeof(Slot));
  if (made.fd_ < 0 || ::ftruncate(made.fd_, size) != 0) {
    throw std::system_error(errno, std::generic_category(), file.string());
  }
  write_runs(made.fd_, slots);
  if (::fsync(made.fd_) != 0) {
    throw std::system_error(errno, std::generic_category(), file.string());
  }
}

void SlotFile::write_many(const std::vector<std::pair<TaskIndex, Slot>>& slots) {
  // The descriptor flushes each write; neighbours are one write.
  write_runs(fd_, slots);
}

void SlotFile::write(TaskIndex index, Slot slot) {
  slot.checksum = checksum_of(slot);
  const auto offset = static_cast<off_t>(std::uint64_t{index} * sizeof(Slot));
  ssize_t n = 0;
  do {
    n = ::pwrite(fd_, &slot, sizeof(slot), offset);
  } while (n < 0 && errno == EINTR);
  if (n < 0) throw std::system_error(errno, std::generic_category(), "writing a slot");
  // A short write means a full disk; the torn slot has a bad checksum and reads as None.
  if (n != static_cast<ssize_t>(sizeof(slot))) {
    throw std::system_error(ENOSPC, std::generic_category(), "writing a slot");
  }
}

}  // namespace wfr
