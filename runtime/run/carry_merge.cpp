// One step after the other, so that no more than its slots are in memory.
#include "runtime/run/carry_merge.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace wfr {
namespace {

// Where one step's slots come from.
struct Origin {
  std::vector<std::pair<std::size_t, StepId>> plans;  // a source and its step
  std::vector<const Attic::Step*> attic;
};

class Harvester {
 public:
  Harvester(const std::vector<CarrySource>& sources, const Attic& attic, const Plan& to)
      : sources_(sources), to_(to) {
    for (const CarrySource& source : sources) {
      trees_.emplace_back(source.plan.graph.tree, to.graph.tree);
    }
    for (std::size_t s = 0; s < sources.size(); ++s) {
      for (std::uint32_t i = 0; i < sources[s].plan.steps.size(); ++i) {
        origins_[name_now(sources[s].plan.steps[i].name)].plans.emplace_back(s, StepId{i});
      }
    }
    for (const Attic::Step& step : attic.steps()) {
      origins_[name_now(std::string(step.name))].attic.push_back(&step);
    }
  }

  void run(const std::function<void(StepHarvest&)>& use) {
    for (const auto& [name, origin] : origins_) {
      StepHarvest harvest;
      harvest.name = name;
      harvest.step = to_.find_step(name);
      for (const auto& [source, step] : origin.plans) take_plan(source, step, harvest);
      for (const Attic::Step* step : origin.attic) take_attic(*step, harvest);
      use(harvest);
    }
  }

 private:
  // A step may have been renamed. The compiler refuses a `was` that is still a step's name.
  [[nodiscard]] std::string name_now(const std::string& name) const {
    for (const StepSpec& step : to_.steps) {
      if (step.was == name) return step.name;
    }
    return name;
  }

  void put(StepHarvest& harvest, TaskIndex task, const Slot& slot) {
    const StepSpec& step = to_.step(harvest.step);
    if (harvest.slots.empty()) harvest.slots.resize(to_.graph.tasks(harvest.step).count);
    Slot& place = harvest.slots[task];
    if (is_newer(slot, place)) place = slot;
    // "None" would be newer than the same record in the plan's own state (is_newer).
    if (step.finalizer != FinalizerKind::None) place.verdict = Verdict::Cancelled;
  }

  void take_plan(std::size_t s, StepId id, StepHarvest& harvest) {
    const CarrySource& source = sources_[s];
    const Tree& tree = source.plan.graph.tree;
    const InstanceSet& tasks = source.plan.graph.tasks(id);
    const bool known = harvest.step != StepId{kNone};
    static const std::vector<Ordinal> kNowhere;
    const std::vector<Ordinal>& nodes =
        known ? trees_[s].nodes(tasks.level, to_.graph.tasks(harvest.step).level) : kNowhere;
    AtticItems away;
    const SlotFile slots(source.state.slots(source.plan.step(id)), tasks.count, false);
    slots.visit({0, tasks.count}, [&](TaskIndex i, const Slot& slot) {
      if (slot.time_ns == 0) return;
      const Ordinal node = tasks.node_at(i);
      const Ordinal there = nodes.empty() ? kNone : nodes[node];
      if (there != kNone && to_.graph.tasks(harvest.step).contains(there)) {
        put(harvest, to_.graph.tasks(harvest.step).rank_of(there), slot);
      } else {
        away.push_back({node_path(tree, tasks.level, node), slot});
      }
    });
    add_away(harvest, std::move(away));
  }

  void take_attic(const Attic::Step& step, StepHarvest& harvest) {
    if (harvest.step == StepId{kNone}) {
      AtticItems away;
      Attic::visit(step, [&](std::string_view path, const Slot& slot) {
        away.push_back({std::string(path), slot});
      });
      add_away(harvest, std::move(away));
      return;
    }
    const InstanceSet& tasks = to_.graph.tasks(harvest.step);
    PathFinder finder(to_.graph.tree, tasks.level);
    AtticItems away;
    Attic::visit(step, [&](std::string_view path, const Slot& slot) {
      const Ordinal node = finder.find(path);
      if (node != kNone && tasks.contains(node)) {
        put(harvest, tasks.rank_of(node), slot);
      } else {
        away.push_back({std::string(path), slot});
      }
    });
    add_away(harvest, std::move(away));
  }

  static void add_away(StepHarvest& harvest, AtticItems items) {
    const auto before = [](const AtticItem& a, const AtticItem& b) { return a.path < b.path; };
    if (!std::is_sorted(items.begin(), items.end(), before)) {
      std::sort(items.begin(), items.end(), before);
    }
    harvest.away = merge_items(std::move(harvest.away), std::move(items));
  }

  const std::vector<CarrySource>& sources_;
  const Plan& to_;
  std::deque<TreeMatch> trees_;  // by source
  std::map<std::string, Origin> origins_;
};

}  // namespace

void harvest(const std::vector<CarrySource>& sources,
             const Attic& attic,
             const Plan& to,
             const std::function<void(StepHarvest&)>& use) {
  Harvester(sources, attic, to).run(use);
}

}  // namespace wfr
