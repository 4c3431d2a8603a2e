// Reads the output of the attempt and asks the file systems.
#include "runtime/run/no_space.hpp"

#include "runtime/plan/visible.hpp"

#include <cerrno>
#include <cstdint>
#include <limits>

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace wfr {
namespace {

struct Room {
  std::string path;
  bool temporary = false;
  std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
  bool no_inodes = false;
  [[nodiscard]] bool is_full() const { return bytes == 0 || no_inodes; }
};

Room room_of(const std::string& path, bool temporary) {
  Room room{path, temporary};
  struct statvfs info {};
  if (path.empty() || statvfs(path.c_str(), &info) != 0) return room;
  // Some of it is for root alone.
  const bool root = geteuid() == 0;
  room.bytes = std::uint64_t{root ? info.f_bfree : info.f_bavail} * info.f_frsize;
  room.no_inodes = info.f_files > 0 && (root ? info.f_ffree : info.f_favail) == 0;
  return room;
}

bool has_less(const Room& room, const Room& other) {
  return room.is_full() != other.is_full() ? room.is_full() : room.bytes < other.bytes;
}

Room fullest(const WrittenPlaces& places) {
  Room found = room_of(places.data, false);
  for (const std::string& path : places.temporary) {
    Room room = room_of(path, true);
    if (has_less(room, found)) found = std::move(room);
  }
  return found;
}

}  // namespace

bool is_no_space(const std::error_code& code) {
  return code == std::errc::no_space_on_device ||
         code == std::error_code(EDQUOT, std::generic_category());
}

bool says_no_space(std::string_view said) {
  return said.find("No space left on device") != std::string_view::npos ||
         said.find("Disk quota exceeded") != std::string_view::npos;
}

std::string no_space_text(std::string_view said, const WrittenPlaces& places) {
  const Room room = fullest(places);
  const bool full = room.is_full();
  if (!full && !says_no_space(said)) return {};
  const bool quota = said.find("Disk quota exceeded") != std::string_view::npos;
  const std::string path = visible_text(room.path);
  if (full) {
    return fmt::format("{}: `{}` {}; free space there{}",
                       quota ? "over a disk quota" : "no space left",
                       path,
                       room.no_inodes ? "has no inodes left" : "is full",
                       room.temporary ? ", or set `TMPDIR` to a larger disk" : "");
  }
  constexpr const char* kRemedy = "; free space where the command writes";
  if (quota) return std::string("over a disk quota") + kRemedy;
  if (room.path.empty()) return std::string("no space left") + kRemedy;
  return fmt::format(
      "no space left, but `{}` has {} MB free now: it was freed since, or something else is full{}",
      path,
      room.bytes >> 20U,
      kRemedy);
}

}  // namespace wfr
