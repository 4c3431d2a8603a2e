// Countdowns, weights and limits of one job's tasks.
#include "runtime/run/scheduler.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include <fmt/format.h>

namespace wfr {
namespace {

// A task that did not fit may be overtaken this often per cpu of the job before the others wait for
// it.
constexpr std::uint64_t kPatience = 8;

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
    for (TaskIndex i = step.range.begin; i < step.range.end; ++i) {
      // Ascending, so the vector is a heap as it grows.
      if (step.pending[i - step.range.begin] == 0) step.ready.push_back(i);
    }
  }
}

void Scheduler::add_steps(const std::vector<std::pair<StepId, Range>>& tasks) {
  std::vector<Range> ranges(plan_.steps.size());
  for (const auto& [id, range] : tasks) {
    if (range.empty()) continue;
    if (!ranges[index_of(id)].empty()) {
      throw std::invalid_argument("step `" + plan_.step(id).name + "` is given twice to one job");
    }
    ranges[index_of(id)] = range;
  }
  for (const StepId id : plan_.order) {
    const Range range = ranges[index_of(id)];
    if (range.empty()) continue;
    const StepSpec& spec = plan_.step(id);
    Step step;
    step.id = id;
    step.range = range;
    step.pending.assign(range.size(), 0);
    step.cpus = std::clamp(spec.resources.cpus, 1U, budget_.cpus);
    if (budget_.allocated && wants_whole_job(spec.resources)) step.cpus = budget_.cpus;
    step.mem_mb = std::min(spec.resources.mem_mb, budget_.mem_mb);
    step.limit = spec.limit;
    position_[index_of(id)] = static_cast<std::uint32_t>(steps_.size());
    total_ += range.size();
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
  edge.first = tree.ancestor(producers.level, producers.node_at(from.range.begin), via);
  const Ordinal last = tree.ancestor(producers.level, producers.node_at(from.range.end - 1), via);
  edge.left.assign(last - edge.first + 1, 0);
  for (std::size_t i = 0; i < edge.left.size(); ++i) {
    const Ordinal node = edge.first + static_cast<Ordinal>(i);
    edge.left[i] = tasks_below(from, via, node).size();
    if (edge.left[i] == 0) continue;
    const Range waiting = tasks_below(to, via, node);
    for (TaskIndex t = waiting.begin; t < waiting.end; ++t) ++to.pending[t - to.range.begin];
  }
}

void Scheduler::count_pairs(InnerEdge& edge) {
  const Range from = steps_[edge.from].range;
  Step& to = steps_[edge.to];
  edge.first = to.range.begin;
  edge.left.assign(to.range.size(), 0);
  for (TaskIndex t = to.range.begin; t < to.range.end; ++t) {
    const TaskList needed = producers(plan_.graph, *edge.edge, t);
    const auto here = [&](TaskIndex producer) { return from.contains(producer); };
    const auto count = std::count_if(needed.begin(), needed.end(), here);
    edge.left[t - edge.first] = static_cast<std::uint32_t>(count);
    if (count > 0) ++to.pending[t - to.range.begin];
  }
}

Range Scheduler::tasks_below(const Step& step, LevelId via, Ordinal node) const {
  const InstanceSet& set = plan_.graph.tasks(step.id);
  const Range nodes = plan_.graph.tree.descendants(via, {node, node + 1}, set.level);
  const Range tasks = set.tasks_in(nodes);
  const std::uint32_t begin = std::max(tasks.begin, step.range.begin);
  return {begin, std::max(begin, std::min(tasks.end, step.range.end))};
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
        if (to.range.contains(t) && --edge.left[t - edge.first] == 0) less_pending(to, t);
      }
      continue;
    }
    const Ordinal node = plan_.graph.tree.ancestor(set.level, own, edge.edge->via);
    if (--edge.left[node - edge.first] > 0) continue;
    const Range waiting = tasks_below(to, edge.edge->via, node);
    for (TaskIndex t = waiting.begin; t < waiting.end; ++t) less_pending(to, t);
  }
}

void Scheduler::less_pending(Step& step, TaskIndex index) {
  if (--step.pending[index - step.range.begin] == 0) make_ready(step, index);
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
          fmt::format("step `{}` asks for {} cpus, but there are {}: its tasks run alone",
                      name,
                      asked.cpus,
                      budget_.cpus));
    }
    if (budget_.mem_mb > 0 && asked.mem_mb > budget_.mem_mb) {
      texts.push_back(fmt::format("step `{}` asks for {} MB, but there are {}: its tasks run alone",
                                  name,
                                  asked.mem_mb,
                                  budget_.mem_mb));
    }
  }
  return texts;
}

}  // namespace wfr
