// Which states are still to be read: a stamp of the slot files' sizes and times tells.
#include "runtime/run/carry_sources.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state_io.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::int64_t ns_of(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * kSecondNs + time.tv_nsec;
}

// What cannot be read is not the same as what is not there: results would pass for somebody else's.
[[noreturn]] void cannot_read(const fs::path& path, const std::error_code& error) {
  throw std::system_error(error, "cannot read `" + path.string() + "`");
}

void check_read(const fs::path& path, const std::error_code& error) {
  if (error && error != std::errc::no_such_file_or_directory) cannot_read(path, error);
}

struct Stamp {
  std::string text;  // "" without slots
  std::int64_t newest_ns = 0;
};

Stamp stamp_of(const StatePaths& state) {
  std::vector<std::string> lines;
  Stamp stamp;
  std::error_code error;
  for (fs::directory_iterator it(state.dir / "slots", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    struct stat info {};
    if (name.starts_with('.') || ::stat(it->path().c_str(), &info) != 0) continue;
    const std::int64_t time_ns = ns_of(info.st_mtim);
    lines.push_back(name + " " + std::to_string(info.st_size) + " " + std::to_string(time_ns) +
                    "\n");
    stamp.newest_ns = std::max(stamp.newest_ns, time_ns);
  }
  check_read(state.dir / "slots", error);
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) stamp.text += line;
  return stamp;
}

fs::path mark_of(const StatePaths& state) {
  return state.dir / "carried";
}

// A mark that was made in the moment of the last write may have missed another in the same moment.
bool is_carried(const StatePaths& state, const Stamp& stamp) {
  constexpr std::int64_t kMomentNs = 2 * kSecondNs;
  struct stat info {};
  if (::stat(mark_of(state).c_str(), &info) != 0) return false;
  if (ns_of(info.st_mtim) < stamp.newest_ns + kMomentNs) return false;
  std::ifstream in(mark_of(state), std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str() == stamp.text;
}

}  // namespace

std::vector<CarrySource> carry_sources(const std::filesystem::path& out_dir, std::string_view to) {
  std::vector<fs::path> states;
  std::error_code error;
  for (fs::directory_iterator it(out_dir / "state", error), end; !error && it != end;
       it.increment(error)) {
    states.push_back(it->path());
  }
  check_read(out_dir / "state", error);
  std::sort(states.begin(), states.end());
  std::vector<CarrySource> sources;
  for (const fs::path& dir : states) {
    const std::string hash = dir.filename().string();
    const fs::path plan = out_dir / "plan" / hash / "plan.wfp";
    if (hash == to || !fs::exists(plan)) continue;
    const StatePaths state{dir};
    const Stamp stamp = stamp_of(state);
    if (stamp.text.empty() || is_carried(state, stamp)) continue;
    try {
      sources.push_back({map_plan(plan, hash), state, stamp.text});
    } catch (const PlanReadError&) {
      throw;
    } catch (const PlanError&) {
      // A plan of another version or half a plan: its slots mean nothing.
      continue;
    }
  }
  return sources;
}

bool is_carried_wholly(const StatePaths& state) {
  const Stamp stamp = stamp_of(state);
  return stamp.text.empty() || is_carried(state, stamp);
}

void mark_carried(const CarrySource& source) {
  replace_file(mark_of(source.state), source.stamp);
}

void unmark_carried(const StatePaths& state) {
  std::error_code ignored;
  if (fs::remove(mark_of(state), ignored)) sync_directory(state.dir);
}

CarryLock::CarryLock(const std::filesystem::path& out_dir, Kind kind) {
  const bool writes = kind == Kind::Write;
  const fs::path file = out_dir / "state" / "carry.lock";
  fd_ = ::open(
      file.c_str(), (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW, kOwnFile);
  if (fd_ < 0) return;
  struct flock wanted {};
  wanted.l_type = static_cast<short>(writes ? F_WRLCK : F_RDLCK);
  wanted.l_whence = SEEK_SET;
  while (::fcntl(fd_, F_OFD_SETLKW, &wanted) != 0 && errno == EINTR) {
  }
}

CarryLock::~CarryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace wfr
