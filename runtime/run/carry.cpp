// Carrying: into the state of the new plan and the attic, or into a copy of the state to look at.
#include "runtime/run/carry.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state_io.hpp"
#include "runtime/plan/temporary.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/attic.hpp"
#include "runtime/run/carry_merge.hpp"
#include "runtime/run/carry_sources.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSlotsAtOnce = 1U << 14U;

using Slots = std::vector<std::pair<TaskIndex, Slot>>;

fs::path attic_of(const fs::path& out_dir) {
  return out_dir / "state" / "attic";
}

// What is newer than what the file has, some thousands at a time.
template <class Use>
void for_each_newer(const std::vector<Slot>& slots, const SlotFile& own, const Use& use) {
  const auto count = static_cast<std::uint32_t>(slots.size());
  for (std::uint32_t begin = 0; begin < count;) {
    const std::uint32_t end = begin + std::min(kSlotsAtOnce, count - begin);
    const std::vector<Slot> there = own.read_range({begin, end});
    Slots newer;
    for (std::uint32_t i = begin; i < end; ++i) {
      if (is_newer(slots[i], there[i - begin])) newer.emplace_back(i, slots[i]);
    }
    if (!newer.empty()) use(newer);
    begin = end;
  }
}

// A whole file of slots that appears at once; false when there is one already.
bool publish(const fs::path& temporary, const fs::path& file) {
  // Not a rename: a job that has begun meanwhile may have made the file.
  const bool mine = ::link(temporary.c_str(), file.c_str()) == 0;
  const int error = errno;
  ::unlink(temporary.c_str());
  if (!mine && error != EEXIST) {
    throw std::system_error(error, std::generic_category(), file.string());
  }
  sync_directory(file.parent_path());
  return mine;
}

// A job holds the place of each of its tasks in the file (see claim.hpp) while it works on them.
class PlaceLock {
 public:
  explicit PlaceLock(const fs::path& file) : fd_(::open(file.c_str(), O_RDWR | O_CLOEXEC)) {}
  ~PlaceLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  PlaceLock(const PlaceLock&) = delete;
  PlaceLock& operator=(const PlaceLock&) = delete;

  [[nodiscard]] bool take(TaskIndex first, TaskIndex last) const {
    const bool got = set(F_WRLCK, first, last);
    return got || (errno != EAGAIN && errno != EACCES);
  }
  void release(TaskIndex first, TaskIndex last) const { set(F_UNLCK, first, last); }

 private:
  bool set(int type, TaskIndex first, TaskIndex last) const {
    struct flock wanted {};
    wanted.l_type = static_cast<short>(type);
    wanted.l_whence = SEEK_SET;
    wanted.l_start = static_cast<off_t>(std::uint64_t{first} * sizeof(Slot));
    wanted.l_len = static_cast<off_t>((std::uint64_t{last} - first + 1) * sizeof(Slot));
    return ::fcntl(fd_, F_OFD_SETLK, &wanted) == 0;
  }
  int fd_;
};

class Carrying {
 public:
  Carrying(const fs::path& out_dir, const Plan& to)
      : to_(to), state_(state_paths(out_dir, to.hash)) {}

  void step(const StepHarvest& harvest) {
    if (harvest.slots.empty()) return;
    const StepSpec& step = to_.step(harvest.step);
    const fs::path file = state_.slots(step);
    const auto count = static_cast<std::uint32_t>(harvest.slots.size());
    if (!fs::exists(file)) {
      const fs::path temporary =
          file.parent_path() / ("." + file.filename().string() + "." + std::to_string(::getpid()));
      make_own_directories(file.parent_path());
      const CarryResult before = result_;
      {
        SlotFile made = SlotFile::create(temporary, count);
        for_each_newer(harvest.slots, SlotFile(), [&](const Slots& newer) { write(made, newer); });
        made.sync();
      }
      if (publish(temporary, file)) return;
      result_ = before;
    }
    // Jobs may be using it: only what nobody works on, and only what is still older.
    const PlaceLock lock(file);
    SlotFile own(file, count, true);
    for_each_newer(harvest.slots, own, [&](const Slots& newer) {
      if (lock.take(newer.front().first, newer.back().first)) {
        write_newer(own, newer);
        lock.release(newer.front().first, newer.back().first);
        return;
      }
      for (const auto& one : newer) {
        if (!lock.take(one.first, one.first)) continue;
        write_newer(own, {one});
        lock.release(one.first, one.first);
      }
    });
  }

  [[nodiscard]] const CarryResult& result() const { return result_; }

 private:
  void write(SlotFile& file, const Slots& slots) {
    file.write_many(slots);
    result_.carried += slots.size();
    result_.done +=
        static_cast<std::uint64_t>(std::count_if(slots.begin(), slots.end(), [](const auto& s) {
          return s.second.verdict == Verdict::Done;
        }));
  }

  void write_newer(SlotFile& file, const Slots& slots) {
    Slots still;
    for (const auto& one : slots) {
      if (is_newer(one.second, file.read(one.first))) still.push_back(one);
    }
    write(file, still);
  }

  const Plan& to_;
  StatePaths state_;
  CarryResult result_;
};

// Everything that any other state or the attic knows is in the plan's state and the attic already.
bool nothing_to_carry(const fs::path& out_dir,
                      const Plan& to,
                      const std::vector<CarrySource>& sources) {
  return sources.empty() && (read_last(out_dir) == to.hash || !fs::exists(attic_of(out_dir)));
}

void copy_step(const StepHarvest& harvest,
               const StepSpec& step,
               const StatePaths& own,
               const StatePaths& copy) {
  std::vector<Slot> slots = harvest.slots;
  const auto count = static_cast<std::uint32_t>(slots.size());
  const SlotFile file(own.slots(step), count, false);
  file.visit({0, count}, [&](TaskIndex i, const Slot& slot) {
    if (!is_newer(slots[i], slot)) slots[i] = slot;
  });
  SlotFile made = SlotFile::create(copy.slots(step), count);
  for_each_newer(slots, SlotFile(), [&](const Slots& some) { made.write_many(some); });
}

}  // namespace

CarryResult carry(const std::filesystem::path& out_dir, const Plan& to) {
  if (!fs::exists(out_dir / "state")) return {};
  const CarryLock lock(out_dir, CarryLock::Kind::Write);
  const std::vector<CarrySource> sources = carry_sources(out_dir, to.hash);
  if (nothing_to_carry(out_dir, to, sources)) return {};
  // In this order any moment is a good one to be killed: what is taken from a place is, until it is
  // on the disk elsewhere, in both.
  unmark_carried(state_paths(out_dir, to.hash));
  const Attic attic(attic_of(out_dir));
  Carrying carrying(out_dir, to);
  AtticWriter fresh;
  harvest(sources, attic, to, [&](StepHarvest& step) {
    carrying.step(step);
    fresh.add(step.name, step.away);
  });
  fresh.close(attic_of(out_dir));
  for (const CarrySource& source : sources) mark_carried(source);
  CarryResult result = carrying.result();
  result.away = fresh.count();
  return result;
}

StateView::StateView(const std::filesystem::path& out_dir, const Plan& plan)
    : paths_(state_paths(fs::absolute(out_dir), plan.hash)) {
  const CarryLock lock(out_dir, CarryLock::Kind::Read);
  const std::vector<CarrySource> sources = carry_sources(out_dir, plan.hash);
  if (nothing_to_carry(out_dir, plan, sources)) return;
  std::string name = temporary_directory() + "/wfc-state-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno,
                            std::generic_category(),
                            "cannot make a directory in `" + temporary_directory() + "`");
  }
  temporary_ = name;
  const StatePaths own = std::exchange(paths_, StatePaths{temporary_});
  fs::create_directories(temporary_ / "slots");
  harvest(sources, Attic(attic_of(out_dir)), plan, [&](StepHarvest& step) {
    if (!step.slots.empty()) copy_step(step, plan.step(step.step), own, paths_);
  });
  for (const StepSpec& step : plan.steps) {
    if (!fs::exists(paths_.slots(step)) && fs::exists(own.slots(step))) {
      fs::create_symlink(own.slots(step), paths_.slots(step));
    }
  }
}

StateView::~StateView() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

int carry_command(std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    fmt::print(stderr, "usage: wfr carry PLAN\n");
    return 2;
  }
  try {
    const fs::path out_dir = fs::current_path();
    require_own_out(out_dir, arguments[0]);
    const Plan plan = map_plan(out_dir / "plan" / arguments[0] / "plan.wfp", arguments[0]);
    const CarryResult result = carry(out_dir, plan);
    write_last(out_dir, plan.hash);
    if (result.carried > 0 || result.away > 0) {
      fmt::print("carried {} finished task{} over from earlier plans",
                 result.done,
                 result.done == 1 ? "" : "s");
      if (result.away > 0) fmt::print("; {} have no place in this one and are kept", result.away);
      fmt::print("\n");
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wfr carry: error: {}\n", visible_text(error.what()));
    return 1;
  }
}

}  // namespace wfr
