// Slots: 64 bytes a task, each written by one pwrite that is on the disk when it returns.
#include "runtime/plan/own_out.hpp"
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

bool is_good(const Slot& slot) {
  return slot.checksum == checksum_of(slot) && slot.verdict <= Verdict::Cancelled &&
         slot.failure <= kLastFailureKind;
}

// A hole of a sparse file. Its checksum does not match, and it reads as None.
bool is_hole(const Slot& slot) {
  static constexpr std::array<char, sizeof(Slot)> kZeros{};
  return std::memcmp(&slot, kZeros.data(), kZeros.size()) == 0;
}

// What was read of a slot, else what is read now: a read may meet a write half-way, and a moment
// later the slot is whole. One that a crash has torn stays so, and reads as None.
Slot checked(const Slot& slot, const StateFile& file, TaskIndex index) {
  constexpr int kLooks = 3;
  Slot now = slot;
  for (int look = 0; !is_good(now); ++look) {
    if (look == kLooks || is_hole(now)) return {};
    const std::uint64_t offset = std::uint64_t{index} * sizeof(Slot);
    if (read_at(file, &now, sizeof(now), offset) != sizeof(now)) return {};
  }
  return now;
}

// Neighbours go out together; between them the file keeps its holes.
void write_runs(const StateFile& file, const std::vector<std::pair<TaskIndex, Slot>>& slots) {
  std::vector<Slot> run;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    run.push_back(slots[i].second);
    run.back().checksum = checksum_of(run.back());
    const bool last = i + 1 == slots.size() || slots[i + 1].first != slots[i].first + 1;
    if (!last) continue;
    const std::uint64_t first = std::uint64_t{slots[i].first} + 1 - run.size();
    write_at(file, run.data(), run.size() * sizeof(Slot), first * sizeof(Slot));
    run.clear();
  }
}

}  // namespace

SlotFile::SlotFile(StateFile file) : file_(std::move(file)) {}

SlotFile::SlotFile(const std::filesystem::path& file, std::uint32_t count, bool writable) {
  if (!writable) {
    file_ = open_state_file(file.string(), O_RDONLY | O_CLOEXEC);
    if (file_.fd < 0 && errno != ENOENT) {
      throw std::system_error(errno, std::generic_category(), file.string());
    }
    return;
  }
  make_own_directories(file.parent_path());
  file_ = open_state_file(file.string(), O_RDWR | O_CREAT | O_CLOEXEC | O_DSYNC);
  if (file_.fd < 0) throw std::system_error(errno, std::generic_category(), file.string());
  // The final size at once, so that a later write changes no metadata; several processes may do it.
  struct stat info {};
  const auto size = static_cast<off_t>(std::uint64_t{count} * sizeof(Slot));
  if (::fstat(file_.fd, &info) == 0 && info.st_size < size && ::ftruncate(file_.fd, size) != 0) {
    const int error = errno;
    ::close(file_.fd);
    throw std::system_error(error, std::generic_category(), file.string());
  }
}

SlotFile::SlotFile(SlotFile&& other) noexcept : file_(std::exchange(other.file_, {})) {}

SlotFile& SlotFile::operator=(SlotFile&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

SlotFile::~SlotFile() {
  if (file_.fd >= 0) ::close(file_.fd);
}

Slot SlotFile::read(TaskIndex index) const {
  Slot slot;
  if (file_.fd < 0) return slot;
  if (read_at(file_, &slot, sizeof(slot), std::uint64_t{index} * sizeof(Slot)) != sizeof(slot)) {
    return {};
  }
  return checked(slot, file_, index);
}

std::vector<Slot> SlotFile::read_range(Range range) const {
  std::vector<Slot> slots(range.empty() ? 0 : range.size());
  if (file_.fd < 0 || slots.empty()) return slots;
  const std::size_t size = slots.size() * sizeof(Slot);
  const std::size_t got =
      read_at(file_, slots.data(), size, std::uint64_t{range.begin} * sizeof(Slot));
  // Of a slot that is only half in the file nothing is believed.
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = (i + 1) * sizeof(Slot) <= got
                   ? checked(slots[i], file_, range.begin + static_cast<TaskIndex>(i))
                   : Slot{};
  }
  return slots;
}

void SlotFile::visit(Range range, const std::function<void(TaskIndex, const Slot&)>& use) const {
  constexpr std::uint32_t kAtOnce = 16384;  // a megabyte
  for (std::uint32_t begin = range.begin; begin < range.end;) {
    const std::uint32_t end = begin + std::min(kAtOnce, range.end - begin);
    const std::vector<Slot> slots = read_range({begin, end});
    for (std::uint32_t i = 0; i < slots.size(); ++i) use(begin + i, slots[i]);
    begin = end;
  }
}

SlotFile SlotFile::create(const std::filesystem::path& file, std::uint32_t count) {
  SlotFile made(
      open_state_file(file.string(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW));
  const auto size = static_cast<off_t>(std::uint64_t{count} * sizeof(Slot));
  if (made.file_.fd < 0 || ::ftruncate(made.file_.fd, size) != 0) {
    throw std::system_error(errno, std::generic_category(), file.string());
  }
  return made;
}

void SlotFile::sync() const {
  if (::fsync(file_.fd) != 0) {
    throw std::system_error(errno, std::generic_category(), file_.path);
  }
}

void SlotFile::write_many(const std::vector<std::pair<TaskIndex, Slot>>& slots) {
  // The descriptor of an opened file flushes each write; neighbours are one write.
  write_runs(file_, slots);
}

void SlotFile::write(TaskIndex index, Slot slot) {
  slot.checksum = checksum_of(slot);
  // On a full disk half a slot may be left: it has a bad checksum and reads as None.
  write_at(file_, &slot, sizeof(slot), std::uint64_t{index} * sizeof(Slot));
}

}  // namespace wfr
