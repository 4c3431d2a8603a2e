// Reads slots in bulk and follows them in topological order.
#include "runtime/run/pass_tasks.hpp"

#include <algorithm>
#include <csignal>
#include <limits>
#include <map>
#include <optional>

namespace wfr {
namespace {

// What is known of the producers of one task.
struct Producers {
  bool ready = true;           // each is done, or chosen
  bool chosen = false;         // one at least is
  std::int64_t newest_ns = 0;  // verdict of the last one
};

class Chooser {
 public:
  Chooser(const Plan& plan, SlotStore& slots, std::uint32_t pass, Ceiling ceiling)
      : plan_(plan), slots_(slots), pass_(pass), ceiling_(ceiling), chosen_(plan.steps.size()) {
    for (std::uint32_t e = 0; e < plan.graph.edges.size(); ++e) cached_.emplace_back();
  }

  Selection choose(const StepRanges& tasks) {
    for (const StepId id : plan_.order) {
      for (const auto& [step, ranges] : tasks) {
        if (step != id) continue;
        if (own_depths(plan_.graph, step).empty()) {
          for (const Range& range : ranges) look_at(step, range);
        } else {
          look_in_order(step, ranges);
        }
      }
    }
    for (auto id = plan_.order.rbegin(); id != plan_.order.rend(); ++id) add_scratch_makers(*id);
    return std::move(chosen_);
  }

 private:
  struct Made {
    std::vector<bool> done;
    std::vector<std::int64_t> time_ns;
  };
  struct Cached {
    bool valid = false;
    TaskList tasks = Range{};
    Producers state;
  };

  void look_at(StepId step, Range range) {
    const std::uint32_t count = plan_.graph.tasks(step).count;
    slots_.of(step).visit(range, [&](std::uint32_t index, const Slot& slot) {
      if (wanted({step, index}, slot)) chosen_.add({step, index}, count);
    });
  }

  // What `readers` read of their job's scratch went with the job of the pass before.
  void add_scratch_makers(StepId readers) {
    for (const Edge& edge : plan_.graph.edges) {
      const bool read = edge.to == readers && edge.kind == EdgeKind::Data;
      if (!read || !plan_.step(edge.from).in_scratch) continue;
      const std::uint32_t count = plan_.graph.tasks(edge.from).count;
      for (TaskIndex reader = 0; reader < plan_.graph.tasks(readers).count; ++reader) {
        if (!chosen_.contains({readers, reader})) continue;
        for (const TaskIndex index : producers(plan_.graph, edge, reader)) {
          chosen_.add({edge.from, index}, count);
        }
      }
    }
  }

  // Of a step that needs itself: what a task waits for is chosen before it.
  void look_in_order(StepId step, const std::vector<Range>& ranges) {
    const std::uint32_t count = plan_.graph.tasks(step).count;
    std::vector<std::optional<Slot>> slots(count);
    for (const Range& range : ranges) {
      slots_.of(step).visit(range,
                            [&](std::uint32_t index, const Slot& slot) { slots[index] = slot; });
    }
    for (const TaskIndex index : own_order(plan_.graph, step)) {
      if (slots[index] && wanted({step, index}, *slots[index])) chosen_.add({step, index}, count);
    }
  }

  bool wanted(Task task, const Slot& slot) {
    switch (slot.verdict) {
      case Verdict::Failed:
        return mends(plan_.step(task.step), slot.failure, pass_, ceiling_) &&
               producers_of(task).ready;
      case Verdict::Cancelled:
        return slot.status == SIGUSR1 && producers_of(task).ready;
      case Verdict::None:
      case Verdict::UpstreamFailed:
        return producers_of(task).ready;
      case Verdict::Done:
        break;
    }
    const Producers made = producers_of(task);
    return made.ready && (made.chosen || made.newest_ns > slot.time_ns);
  }

  Producers producers_of(Task task) {
    Producers all;
    for (std::uint32_t e = 0; e < plan_.graph.edges.size(); ++e) {
      const Edge& edge = plan_.graph.edges[e];
      if (edge.to != task.step) continue;
      const Producers& some = producers_over(e, producers(plan_.graph, edge, task.index));
      all.ready = all.ready && some.ready;
      all.chosen = all.chosen || some.chosen;
      all.newest_ns = std::max(all.newest_ns, some.newest_ns);
    }
    return all;
  }

  // Consumers below one directory share their producers, and come one after the other.
  const Producers& producers_over(std::uint32_t e, const TaskList& tasks) {
    Cached& cached = cached_[e];
    if (cached.valid && cached.tasks == tasks) return cached.state;
    cached = {true, tasks, {}};
    const StepId step = plan_.graph.edges[e].from;
    const Made& made = made_of(step);
    const bool in_scratch = plan_.step(step).in_scratch;
    for (const TaskIndex index : tasks) {
      const bool chosen = chosen_.contains({step, index});
      cached.state.chosen = cached.state.chosen || chosen;
      cached.state.ready = cached.state.ready && (chosen || made.done[index]);
      // What is made for whoever reads it tells nothing by its time.
      if (in_scratch) continue;
      cached.state.newest_ns = std::max(cached.state.newest_ns, made.time_ns[index]);
    }
    return cached.state;
  }

  const Made& made_of(StepId step) {
    const auto [place, is_new] = made_.try_emplace(step);
    Made& made = place->second;
    if (!is_new) return made;
    const std::uint32_t count = plan_.graph.tasks(step).count;
    made.done.resize(count);
    made.time_ns.resize(count);
    slots_.of(step).visit({0, count}, [&](std::uint32_t index, const Slot& slot) {
      made.done[index] = slot.verdict == Verdict::Done;
      made.time_ns[index] = made.done[index] ? slot.time_ns : 0;
    });
    return made;
  }

  const Plan& plan_;
  SlotStore& slots_;
  std::uint32_t pass_;
  Ceiling ceiling_;
  Selection chosen_;
  std::vector<Cached> cached_;  // by edge
  std::map<StepId, Made> made_;
};

}  // namespace

void Selection::add(Task task, std::uint32_t count) {
  std::vector<bool>& flags = flags_[index_of(task.step)];
  if (flags.empty()) flags.resize(count);
  if (flags[task.index]) return;
  flags[task.index] = true;
  ++size_;
}

void Selection::add_all(StepId step, std::uint32_t count) {
  std::vector<bool>& flags = flags_[index_of(step)];
  size_ += count - static_cast<std::uint64_t>(std::count(flags.begin(), flags.end(), true));
  flags.assign(count, true);
}

std::vector<std::pair<StepId, Range>> Selection::hulls() const {
  std::vector<std::pair<StepId, Range>> hulls;
  for (std::uint32_t s = 0; s < flags_.size(); ++s) {
    const std::vector<bool>& flags = flags_[s];
    const auto first = std::find(flags.begin(), flags.end(), true);
    if (first == flags.end()) continue;
    const auto last = std::find(flags.rbegin(), flags.rend(), true);
    hulls.emplace_back(StepId{s},
                       Range{static_cast<std::uint32_t>(first - flags.begin()),
                             static_cast<std::uint32_t>(flags.rend() - last)});
  }
  return hulls;
}

StepRanges tasks_of_share(const Plan& plan, const JobArray& array, std::uint32_t index) {
  const Family& family = plan.families.at(index_of(array.family));
  const std::uint32_t blocks = plan.maps.at(family.block_map).blocks();
  StepRanges tasks;
  for (const StepId step : family.steps) tasks.emplace_back(step, std::vector<Range>{});
  for (std::uint64_t block = index; block < blocks; block += array.size()) {
    const StepRanges some = tasks_of_block(plan, family, static_cast<std::uint32_t>(block));
    for (std::size_t i = 0; i < some.size(); ++i) {
      tasks[i].second.insert(tasks[i].second.end(), some[i].second.begin(), some[i].second.end());
    }
  }
  for (auto& [step, ranges] : tasks) join_ranges(ranges);
  return tasks;
}

Selection select_pass(const Plan& plan,
                      SlotStore& slots,
                      const StepRanges& tasks,
                      std::uint32_t pass,
                      Ceiling ceiling) {
  return Chooser(plan, slots, pass, ceiling).choose(tasks);
}

}  // namespace wfr
