// Some tasks at a time, by a pool that waits for the disk; then renames, or records.
#include "runtime/run/occupied.hpp"

#include "runtime/files/safe_open.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/look_pool.hpp"
#include "runtime/run/look_progress.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/ownership.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// The pool takes some of these at once.
constexpr std::uint32_t kTasksAtOnce = 32;

struct Chunk {
  StepId step;
  Range tasks;
};

bool may_be_opened(const std::string& path, const std::string& base) {
  try {
    open_parent(path, base);
    return true;
  } catch (const UnsafePathError&) {
    return false;
  }
}

class Looker {
 public:
  Looker(const Plan& plan,
         const fs::path& out_dir,
         const StatePaths& state,
         const Decision& decision)
      : plan_(plan),
        decision_(decision),
        root_(data_root(plan, out_dir)),
        slots_(plan, state, false, out_dir / "state") {
    for (const StepId step : plan.order) {
      if (plan.step(step).in_scratch || decision.steps[index_of(step)].of(Fate::Runs) == 0)
        continue;
      const std::uint32_t count = plan.graph.tasks(step).count;
      total_ += count;
      for (std::uint32_t begin = 0; begin < count; begin += kTasksAtOnce) {
        chunks_.push_back({step, {begin, std::min(count, begin + kTasksAtOnce)}});
      }
    }
    found_.resize(chunks_.size());
  }

  Occupied run() {
    LookPool pool;
    const auto show = look_progress();
    const auto tell = [&](std::size_t) {
      if (show) show(looked_, total_);
    };
    pool.each(
        chunks_.size(), [this](std::size_t i) { look_at(chunks_[i], found_[i]); }, tell);
    Occupied all;
    for (std::vector<OccupiedPlace>& some : found_) {
      for (OccupiedPlace& place : some) {
        const bool first = all.places.empty() || !(all.places.back().task == place.task);
        if (first) ++all.tasks;
        all.places.push_back(std::move(place));
      }
    }
    all.all_there = !all.places.empty() && !recorded_ && !missing_ && nothing_recorded();
    return all;
  }

 private:
  void look_at(const Chunk& chunk, std::vector<OccupiedPlace>& found) {
    const std::vector<Slot> slots = slots_.of(chunk.step).read_range(chunk.tasks);
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      const Task task{chunk.step, chunk.tasks.begin + i};
      ++looked_;
      if (slots[i].log_file != 0) recorded_ = true;
      if (decision_.fate(task) == Fate::Runs) look_at(task, slots[i], found);
    }
  }

  void look_at(Task task, const Slot& slot, std::vector<OccupiedPlace>& found) {
    std::optional<OwnedFiles> own;
    OwnedFiles nothing_owned;
    nothing_owned.directory = below(root_, task_directory(plan_, task));
    for (const TaskOutput& output : declared_outputs(plan_, root_, task)) {
      if (output.kind == OutputKind::Glob) {
        if (!missing_ && !recorded_ && glob_matches(output).empty()) missing_ = true;
        continue;
      }
      // Most are not there: the record is read only for those that are.
      const std::vector<std::string> there = foreign_at(output, nothing_owned, 1);
      if (there.empty()) {
        missing_ = true;
        continue;
      }
      // What is behind a link of others is no place of an output: the task will say so.
      if (!may_be_opened(there[0], nothing_owned.directory)) continue;
      if (!own) own = owned_files(slots_.records(), slot, nothing_owned.directory);
      // What a killed attempt has left is put away by the next one.
      if (own->open && !output.temporary) continue;
      OccupiedPlace place{
          task, output.path, foreign_at(output, *own, std::numeric_limits<std::size_t>::max())};
      if (place.foreign.empty() || is_installed(output, task_tag(plan_, task))) continue;
      found.push_back(std::move(place));
    }
  }

  // Of the whole plan, whatever was asked about: a record anywhere says that the out directory is
  // the one that made the results.
  bool nothing_recorded() {
    return std::none_of(plan_.order.begin(), plan_.order.end(), [this](StepId step) {
      const std::vector<Slot> slots =
          slots_.of(step).read_range({0, plan_.graph.tasks(step).count});
      return std::any_of(
          slots.begin(), slots.end(), [](const Slot& slot) { return slot.log_file != 0; });
    });
  }

  const Plan& plan_;
  const Decision& decision_;
  std::string root_;
  SlotStore slots_;
  std::vector<Chunk> chunks_;
  std::vector<std::vector<OccupiedPlace>> found_;  // by chunk
  std::uint64_t total_ = 0;
  std::atomic<std::uint64_t> looked_ = 0;
  std::atomic<bool> recorded_ = false;
  std::atomic<bool> missing_ = false;
};

void put_aside(const std::string& path) {
  const std::string name = path + ".before-wfc";
  std::string to = name;
  for (unsigned i = 2; !rename_new(path, to); ++i) to = fmt::format("{}-{}", name, i);
}

void own_all(const OccupiedPlace& place, OwnedFiles& own) {
  for (const std::string& path : place.foreign) {
    if (!is_directory(path)) {
      own.paths.insert(path);
      continue;
    }
    own.paths.insert(path + "/");
    for (const std::string& inner : tree_below(path)) own.paths.insert(inner);
  }
}

// From where the user is, when that is shorter. A link is shown itself.
std::string shown(const std::string& path, const fs::path& here) {
  std::string near = fs::path(path).lexically_relative(here).string();
  return near.empty() || near.size() > path.size() ? path : near;
}

}  // namespace

Occupied find_occupied(const Plan& plan,
                       const fs::path& out_dir,
                       const StatePaths& state,
                       const Decision& decision) {
  return Looker(plan, out_dir, state, decision).run();
}

void set_aside(const Occupied& occupied) {
  std::set<std::string> moved;
  for (const OccupiedPlace& place : occupied.places) {
    // A file that is in the way of an output's directory is not inside it.
    const bool outside = place.output.compare(0, place.foreign[0].size(), place.foreign[0]) == 0;
    const std::string& path = outside ? place.foreign[0] : place.output;
    if (moved.insert(path).second) put_aside(path);
  }
}

void own_to_replace(const Plan& plan, const fs::path& out_dir, const Occupied& occupied) {
  SlotStore slots(plan, state_paths(out_dir, plan.hash), true);
  const std::string root = data_root(plan, out_dir);
  LogWriter log(slots.paths().log_dir());
  std::map<StepId, std::vector<std::pair<TaskIndex, Slot>>> made;
  for (std::size_t i = 0; i < occupied.places.size();) {
    const Task task = occupied.places[i].task;
    const Slot before = slots.of(task.step).read(task.index);
    OwnedFiles own = owned_files(slots.records(), before, below(root, task_directory(plan, task)));
    for (; i < occupied.places.size() && occupied.places[i].task == task; ++i) {
      own_all(occupied.places[i], own);
    }
    Record record = host_record();
    record.kind = RecordKind::End;
    record.task = task;
    record.attempt = before.attempt;
    record.time_ns = wall_clock_ns();
    record.owned = own.names();
    Slot slot;
    slot.attempt = before.attempt;
    slot.time_ns = record.time_ns;
    slot.log_offset = log.append(record, false);
    slot.log_file = log.file_id();
    made[task.step].emplace_back(task.index, slot);
  }
  // The records are on the disk before the slots that point at them.
  log.sync();
  for (auto& [step, some] : made) {
    std::sort(
        some.begin(), some.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    slots.of(step).write_many(some);
  }
}

std::string occupied_text(const Plan& plan,
                          const Occupied& occupied,
                          const OccupiedCommands& commands) {
  constexpr std::size_t kShown = 5;
  const fs::path here = fs::current_path();
  std::size_t files = 0;
  std::string examples;
  for (const OccupiedPlace& place : occupied.places) {
    for (const std::string& path : place.foreign) {
      if (files++ >= kShown) continue;
      examples += fmt::format("  {} ({})\n", shown(path, here), task_name(plan, place.task));
    }
  }
  if (files > kShown) examples += fmt::format("  and {} more\n", files - kShown);
  const bool one = files == 1;
  const char* them = one ? "it" : "them";
  return fmt::format(
      "{} file{} {} in the place of {}, and no record says that {} made by this workflow; nothing "
      "runs until you choose\n{}{}help: adopt {} as {}: {}\n      keep {} as NAME.before-wfc: {}\n "
      "     replace "
      "{} when the new result is complete: {}",
      files,
      one ? "" : "s",
      one ? "is" : "are",
      one ? "an output" : "outputs",
      one ? "it was" : "they were",
      examples,
      occupied.all_there ? "every output is there and none is on record: was the out directory "
                           "removed? then adopt them\n"
                         : "",
      them,
      one ? "the result" : "results",
      commands.adopt,
      them,
      commands.set_aside,
      one ? "it" : "each",
      commands.replace);
}

}  // namespace wfr
