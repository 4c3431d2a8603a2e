// Countdowns, weights and limits of one job's tasks.
#include "runtime/run/scheduler.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace wfr {
namespace {

// A task that did not fit may be overtaken this often per cpu of the job before the others wait for
// it.
constexpr std::uint64_t kPatience = 8;

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

bool wants_whole_job(const ResourceSpec& resources) {
  return resources.nodes > 1 || resources.tasks > 0 || resources.tasks_per_node > 0 ||
         !resources.gpus.empty();
}

}  // namespace

Scheduler::Scheduler(const Plan& plan,
                     const std::vector<std::pair<StepId, Range>>& tasks,
                     const Budget& budget)
    : plan_(plan),
      budget_{std::max(budget.cpus, 1U), budget.mem_mb, budget.allocated},
      free_cpus_(budget_.cpus),
      free_mem_mb_(budget_.mem_mb),
      position_(plan.steps.size(), kNone) {
  add_steps(tasks);
  add_edges();
  for (Step& step : steps_) {
    std::size_t place = 0;
    for (const Range& range : step.ranges) {
      for (TaskIndex i = range.begin; i < range.end; ++i) {
        // Ascending, so the vector is a heap as it grows.
        if (step.pending[place++] == 0) step.ready.push_back(i);
      }
    }
  }
}

void Scheduler::add_steps(const std::vector<std::pair<StepId, Range>>& tasks) {
  std::vector<std::vector<Range>> given(plan_.steps.size());
  for (const auto& [id, range] : tasks) {
    if (range.empty()) continue;
    std::vector<Range>& ranges = given[index_of(id)];
    if (!ranges.empty() && range.begin < ranges.back().end) {
      throw std::invalid_argument("step `" + plan_.step(id).name + "` is given twice to one job");
    }
    ranges.push_back(range);
  }
  for (const StepId id : plan_.order) {
    if (given[index_of(id)].empty()) continue;
    const StepSpec& spec = plan_.step(id);
    Step step;
    step.id = id;
    step.ranges = std::move(given[index_of(id)]);
    std::uint32_t count = 0;
    for (const Range& range : step.ranges) {
      step.places.push_back(count);
      count += range.size();
    }
    step.pending.assign(count, 0);
    step.cpus = std::clamp(spec.resources.cpus, 1U, budget_.cpus);
    if (budget_.allocated && wants_whole_job(spec.resources)) step.cpus = budget_.cpus;
    step.mem_mb = std::min(spec.resources.mem_mb, budget_.mem_mb);
    step.limit = spec.limit;
    position_[index_of(id)] = static_cast<std::uint32_t>(steps_.size());
    total_ += count;
    steps_.push_back(std::move(step));
  }
  remaining_ = total_;
}

void Scheduler::add_edges() {
  for (const Edge& edge : plan_.graph.edges) {
    const std::uint32_t from = position_[index_of(edge.from)];
    const std::uint32_t to = position_[index_of(edge.to)];
    if (from == kNone || to == kNone) continue;
    InnerEdge inner{from, to, &edge, 0, {}};
    if (edge.pairs) {
      count_pairs(inner);
    } else {
      count_nodes(inner);
    }
    steps_[from].out_edges.push_back(edges_.size());
    edges_.push_back(std::move(inner));
  }
}

void Scheduler::count_nodes(InnerEdge& edge) {
  const Step& from = steps_[edge.from];
  Step& to = steps_[edge.to];
  const LevelId via = edge.edge->via;
  const InstanceSet& producers = plan_.graph.tasks(from.id);
  const Tree& tree = plan_.graph.tree;
  edge.first = tree.ancestor(producers.level, producers.node_at(from.ranges.front().begin), via);
  const Ordinal last =
      tree.ancestor(producers.level, producers.node_at(from.ranges.back().end - 1), via);
  edge.left.assign(last - edge.first + 1, 0);
  for (std::size_t i = 0; i < edge.left.size(); ++i) {
    const Ordinal node = edge.first + static_cast<Ordinal>(i);
    for_each_below(from, via, node, [&](TaskIndex) { ++edge.left[i]; });
    if (edge.left[i] == 0) continue;
    for_each_below(to, via, node, [&](TaskIndex t) { ++to.pending[place_of(to, t)]; });
  }
}

void Scheduler::count_pairs(InnerEdge& edge) {
  const Step& from = steps_[edge.from];
  Step& to = steps_[edge.to];
  edge.left.assign(to.pending.size(), 0);
  std::size_t place = 0;
  for (const Range& range : to.ranges) {
    for (TaskIndex t = range.begin; t < range.end; ++t, ++place) {
      const TaskList needed = producers(plan_.graph, *edge.edge, t);
      const auto here = [&](TaskIndex producer) { return place_of(from, producer) != kNone; };
      const auto count = std::count_if(needed.begin(), needed.end(), here);
      edge.left[place] = static_cast<std::uint32_t>(count);
      if (count > 0) ++to.pending[place];
    }
  }
}

std::uint32_t Scheduler::place_of(const Step& step, TaskIndex task) {
  const auto after = std::upper_bound(
      step.ranges.begin(), step.ranges.end(), task, [](TaskIndex wanted, const Range& range) {
        return wanted < range.begin;
      });
  if (after == step.ranges.begin() || task >= (after - 1)->end) return kNone;
  const auto range = static_cast<std::size_t>(after - step.ranges.begin()) - 1;
  return step.places[range] + (task - step.ranges[range].begin);
}

template <class Use>
void Scheduler::for_each_below(const Step& step, LevelId via, Ordinal node, const Use& use) const {
  const InstanceSet& set = plan_.graph.tasks(step.id);
  const Range tasks = set.tasks_in(plan_.graph.tree.descendants(via, {node, node + 1}, set.level));
  auto range = std::partition_point(
      step.ranges.begin(), step.ranges.end(), [&](const Range& r) { return r.end <= tasks.begin; });
  for (; range != step.ranges.end() && range->begin < tasks.end; ++range) {
    const TaskIndex end = std::min(range->end, tasks.end);
    for (TaskIndex t = std::max(range->begin, tasks.begin); t < end; ++t) use(t);
  }
}

void Scheduler::make_ready(Step& step, TaskIndex index) {
  step.ready.push_back(index);
  std::push_heap(step.ready.begin(), step.ready.end(), std::greater<>());
}

bool Scheduler::fits(const Step& step) const {
  return step.cpus <= free_cpus_ && (budget_.mem_mb == 0 || step.mem_mb <= free_mem_mb_);
}

std::optional<Task> Scheduler::next() {
  Step* blocked = nullptr;
  for (Step& step : steps_) {
    if (step.ready.empty() || (step.limit > 0 && step.running >= step.limit)) continue;
    if (!fits(step)) {
      if (step.overtaken >= kPatience * budget_.cpus) return std::nullopt;
      if (blocked == nullptr) blocked = &step;
      continue;
    }
    if (blocked != nullptr) ++blocked->overtaken;
    step.overtaken = 0;
    std::pop_heap(step.ready.begin(), step.ready.end(), std::greater<>());
    const TaskIndex index = step.ready.back();
    step.ready.pop_back();
    free_cpus_ -= step.cpus;
    if (budget_.mem_mb > 0) free_mem_mb_ -= step.mem_mb;
    ++step.running;
    return Task{step.id, index};
  }
  return std::nullopt;
}

void Scheduler::release(Task task) {
  Step& step = step_of(task.step);
  free_cpus_ += step.cpus;
  if (budget_.mem_mb > 0) free_mem_mb_ += step.mem_mb;
  --step.running;
}

void Scheduler::finished(Task task) {
  --remaining_;
  const Step& step = step_of(task.step);
  const InstanceSet& set = plan_.graph.tasks(task.step);
  const Ordinal own = set.node_at(task.index);
  for (const std::size_t e : step.out_edges) {
    InnerEdge& edge = edges_[e];
    Step& to = steps_[edge.to];
    if (edge.edge->pairs) {
      for (const TaskIndex t : consumers(plan_.graph, *edge.edge, task.index)) {
        const std::uint32_t place = place_of(to, t);
        if (place != kNone && --edge.left[place] == 0) less_pending(to, t);
      }
      continue;
    }
    const Ordinal node = plan_.graph.tree.ancestor(set.level, own, edge.edge->via);
    if (--edge.left[node - edge.first] > 0) continue;
    for_each_below(to, edge.edge->via, node, [&](TaskIndex t) { less_pending(to, t); });
  }
}

void Scheduler::less_pending(Step& step, TaskIndex index) {
  if (--step.pending[place_of(step, index)] == 0) make_ready(step, index);
}

void Scheduler::again(Task task) {
  make_ready(step_of(task.step), task.index);
}

std::uint32_t Scheduler::cpus_of(StepId step) const {
  return std::clamp(plan_.step(step).resources.cpus, 1U, budget_.cpus);
}

std::vector<std::string> Scheduler::warnings() const {
  std::vector<std::string> texts;
  for (const Step& step : steps_) {
    const ResourceSpec& asked = plan_.step(step.id).resources;
    const std::string& name = plan_.step(step.id).name;
    if (asked.cpus > budget_.cpus) {
      texts.push_back(
          fmt::format("step `{}` requests {} cpus, but there {}: each task will run alone on {}",
                      name,
                      asked.cpus,
                      budget_.cpus == 1 ? "is 1" : fmt::format("are {}", budget_.cpus),
                      counted(budget_.cpus, "cpu")));
    }
    if (budget_.mem_mb > 0 && asked.mem_mb > budget_.mem_mb) {
      texts.push_back(fmt::format(
          "step `{}` requests {} MB of memory, but there are {} MB: each task will run alone",
          name,
          asked.mem_mb,
          budget_.mem_mb));
    }
  }
  return texts;
}

}  // namespace wfr
