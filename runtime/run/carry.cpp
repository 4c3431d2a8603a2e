// Carrying: a merge of the two trees level by level, then of the slots step by step.
#include "runtime/run/carry.hpp"

#include "runtime/run/carry_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSlotsAtOnce = 1U << 16U;

// The old step whose results are those of the new one: of its name, else of what it was called.
std::optional<StepId> old_step(const Plan& from, const StepSpec& step) {
  for (const std::string& name : {step.name, step.was}) {
    if (name.empty()) continue;
    const StepId found = from.find_step(name);
    if (found != StepId{kNone}) return found;
  }
  return std::nullopt;
}

using Slots = std::vector<std::pair<TaskIndex, Slot>>;

// One step's finished tasks in the new plan: where each goes.
struct StepMatch {
  const InstanceSet& from;
  const InstanceSet& to;
  const std::vector<Ordinal>& nodes;  // of the new tree, by node of the old one
};

// Calls `use` with some thousands of old slots at a time, under the new tasks' indices (ascending).
// Only those that say "done" and have a place; returns how many have none.
std::uint64_t for_each_carried(const SlotFile& old,
                               const StepMatch& match,
                               const std::function<void(const Slots&)>& use) {
  std::uint64_t dropped = 0;
  for (TaskIndex begin = 0; begin < match.from.count;) {
    const TaskIndex end = begin + std::min(kSlotsAtOnce, match.from.count - begin);
    const std::vector<Slot> slots = old.read_range({begin, end});
    Slots carried;
    for (TaskIndex i = begin; i < end; ++i) {
      const Slot& slot = slots[i - begin];
      // Whatever has become of it, a record says what the task owns.
      if (slot.verdict != Verdict::Done && slot.log_file == 0) continue;
      const Ordinal node = match.nodes[match.from.node_at(i)];
      if (node == kNone || !match.to.contains(node)) {
        ++dropped;
      } else {
        carried.emplace_back(match.to.rank_of(node), slot);
      }
    }
    std::sort(carried.begin(), carried.end(), [](const auto& a, const auto& b) {
      return a.first < b.first;
    });
    if (!carried.empty()) use(carried);
    begin = end;
  }
  return dropped;
}

void sync_directory(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
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

// Into a file that jobs may be using: slot by slot, where there is none.
void fill_in(SlotFile& slots, const Slots& carried, CarryResult& result) {
  for (const auto& [index, slot] : carried) {
    const Slot own = slots.read(index);
    const bool said = own.verdict != Verdict::None || own.log_file != 0;
    if (said && own.time_ns >= slot.time_ns) {
      ++result.kept;
      continue;
    }
    slots.write(index, slot);
    if (slot.verdict == Verdict::Done) ++result.carried;
  }
}

void carry_step(const StepSpec& step,
                const SlotFile& old,
                const StepMatch& match,
                const StatePaths& to_state,
                CarryResult& result) {
  const fs::path file = to_state.slots(step);
  const fs::path temporary =
      file.parent_path() / ("." + file.filename().string() + "." + std::to_string(::getpid()));
  if (!fs::exists(file)) {
    std::optional<SlotFile> made;
    std::uint64_t carried = 0;
    const std::uint64_t dropped = for_each_carried(old, match, [&](const Slots& slots) {
      if (!made) {
        fs::create_directories(file.parent_path());
        made = SlotFile::create(temporary, match.to.count);
      }
      made->write_many(slots);
      for (const auto& [index, slot] : slots) carried += slot.verdict == Verdict::Done ? 1 : 0;
    });
    if (made) made->sync();
    if (!made || publish(temporary, file)) {
      result.carried += carried;
      result.dropped += dropped;
      return;
    }
  }
  SlotFile slots(file, match.to.count, true);
  result.dropped +=
      for_each_carried(old, match, [&](const Slots& some) { fill_in(slots, some, result); });
}

std::optional<Plan> plan_of(const fs::path& out_dir, const std::string& hash) {
  const fs::path file = out_dir / "plan" / hash / "plan.wfp";
  if (hash.empty() || !fs::exists(file)) return std::nullopt;
  return map_plan(file, hash);
}

}  // namespace

CarryResult carry(const Plan& from,
                  const StatePaths& from_state,
                  const Plan& to,
                  const StatePaths& to_state) {
  CarryResult result;
  if (!fs::exists(from_state.dir / "slots")) return result;
  const std::vector<LevelMatch> levels = match_trees(from.graph.tree, to.graph.tree);
  for (std::size_t i = 0; i < to.steps.size(); ++i) {
    const StepSpec& step = to.steps[i];
    // A finalizer tells of one run: it runs again with each.
    if (step.finalizer != FinalizerKind::None) continue;
    const std::optional<StepId> old = old_step(from, step);
    if (!old) continue;
    const InstanceSet& from_tasks = from.graph.tasks(*old);
    const InstanceSet& to_tasks = to.graph.instances[i];
    const LevelMatch& level = levels[index_of(from_tasks.level)];
    if (level.to != to_tasks.level || to_tasks.count == 0) continue;
    const SlotFile slots(from_state.slots(from.step(*old)), from_tasks.count, false);
    carry_step(step, slots, {from_tasks, to_tasks, level.nodes}, to_state, result);
  }
  return result;
}

CarryResult carry(const std::filesystem::path& out_dir,
                  const std::string& from_hash,
                  const std::string& to_hash) {
  if (from_hash == to_hash) return {};
  std::optional<Plan> from;
  try {
    from = plan_of(out_dir, from_hash);
  } catch (const PlanError&) {
    // A plan of another version or half a plan: everything is run again.
    return {};
  }
  const std::optional<Plan> to = plan_of(out_dir, to_hash);
  if (!to) throw PlanError("there is no plan " + to_hash + " in " + (out_dir / "plan").string());
  if (!from) return {};
  return carry(*from, state_paths(out_dir, from_hash), *to, state_paths(out_dir, to_hash));
}

int carry_command(std::span<const std::string> arguments) {
  if (arguments.size() != 2) {
    fmt::print(stderr, "usage: wfr carry OLD NEW\n");
    return 2;
  }
  try {
    const CarryResult result = carry(fs::current_path(), arguments[0], arguments[1]);
    if (result.carried > 0 || result.dropped > 0) {
      fmt::print("carried {} finished tasks to the new plan", result.carried);
      if (result.dropped > 0) fmt::print("; {} have no place in it", result.dropped);
      fmt::print("\n");
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wfr carry: {}\n", error.what());
    return 1;
  }
}

}  // namespace wfr
