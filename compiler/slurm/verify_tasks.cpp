// Adds up the tasks of all jobs, by ranges.
#include "compiler/slurm/verify_tasks.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

using wfr::InstanceSet;
using wfr::Plan;
using wfr::Range;
using wfr::StepId;

constexpr const char* kHelp = "compile the workflow again";

// What one job array runs of a step.
struct Part {
  Range tasks;
  const Job* job = nullptr;
};

// The first task of the step at a node that is in no block of the map; kNone when there is none.
// With all nodes in the map, or as many tasks as the map's own bits hold, nothing is looked at.
wfr::TaskIndex task_outside(const Plan& plan, const wfr::BlockMap& map, const InstanceSet& set) {
  if (map.nodes.bits.empty() || set.count == 0) return wfr::kNone;
  Range gap{0, 0};
  for (std::uint32_t node = 0; node <= map.nodes.nodes; ++node) {
    if (node < map.nodes.nodes && !map.nodes.contains(node)) {
      gap.end = node + 1;
      continue;
    }
    if (!gap.empty()) {
      const Range tasks = set.tasks_in(plan.graph.tree.descendants(map.level, gap, set.level));
      if (!tasks.empty()) return tasks.begin;
    }
    gap = {node + 1, node + 1};
  }
  return wfr::kNone;
}

void report_task(const Plan& plan,
                 wfr::Task task,
                 std::uint64_t others,
                 const std::string& where,
                 Span span,
                 Report& report) {
  const std::string more = others == 0 ? "" : fmt::format(" and {} more", others);
  report(
      Kind::TaskNotOnce,
      span,
      fmt::format("`{}`{} {} {}", task_name(plan, task), more, others == 0 ? "is" : "are", where),
      kHelp);
}

// The parts of one step, sorted, are [0, count) end to end.
void check_step(const Emitted& emitted, StepId step, std::vector<Part> parts, Report& report) {
  const Plan& plan = emitted.plan;
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return a.tasks.begin != b.tasks.begin ? a.tasks.begin < b.tasks.begin
                                          : a.tasks.end < b.tasks.end;
  });
  const std::uint32_t count = plan.graph.tasks(step).count;
  std::uint64_t missing = 0;
  wfr::TaskIndex first_missing = 0;
  std::uint32_t end = 0;
  const Part* before = nullptr;
  const auto miss = [&](std::uint32_t next) {
    if (next <= end) return;
    if (missing == 0) first_missing = end;
    missing += next - end;
  };
  for (const Part& part : parts) {
    miss(part.tasks.begin);
    if (part.tasks.begin < end) {
      const std::uint32_t twice = std::min(end, part.tasks.end) - part.tasks.begin;
      const std::string where =
          part.job == before->job
              ? fmt::format("twice in `{}`", part.job->name())
              : fmt::format("in both `{}` and `{}`", before->job->name(), part.job->name());
      report_task(
          plan, {step, part.tasks.begin}, twice - 1, where, part.job->script->array_line(), report);
      return;
    }
    end = std::max(end, part.tasks.end);
    before = &part;
  }
  miss(count);
  if (missing == 0) return;
  const Span span =
      before == nullptr ? emitted.submit.plan_line : before->job->script->array_line();
  report_task(plan, {step, first_missing}, missing - 1, "in no job", span, report);
}

}  // namespace

std::vector<Range> tasks_of_blocks(const Plan& plan,
                                   const wfr::Family& family,
                                   std::size_t step,
                                   Range blocks) {
  const wfr::BlockMap& map = plan.maps[family.block_map];
  const InstanceSet& set = plan.graph.tasks(family.steps[step]);
  const Range places =
      map.begin.empty() ? blocks : Range{map.begin[blocks.begin], map.begin[blocks.end]};
  if (places.empty() || set.nodes == 0) return {};
  const auto tasks_at_ranks = [&](std::uint32_t first, std::uint32_t last) {
    const Range nodes{map.nodes.node_at(first), map.nodes.node_at(last) + 1};
    return set.tasks_in(plan.graph.tree.descendants(map.level, nodes, set.level));
  };
  std::vector<Range> tasks;
  if (map.order.empty()) {
    tasks.push_back(tasks_at_ranks(places.begin, places.end - 1));
    if (tasks.back().empty()) tasks.clear();
    return tasks;
  }
  std::vector<std::uint32_t> ranks(map.order.begin() + places.begin,
                                   map.order.begin() + places.end);
  std::sort(ranks.begin(), ranks.end());
  for (const std::uint32_t rank : ranks) {
    const Range some = tasks_at_ranks(rank, rank);
    if (some.empty()) continue;
    if (!tasks.empty() && tasks.back().end == some.begin) {
      tasks.back().end = some.end;
    } else {
      tasks.push_back(some);
    }
  }
  return tasks;
}

void prove_tasks(Emitted& emitted, Report& report) {
  const Plan& plan = emitted.plan;
  // By pass: each runs a task once.
  std::map<std::uint32_t, std::vector<std::vector<Part>>> passes;
  for (Job& job : emitted.jobs) {
    if (!job.is_array()) continue;
    const wfr::Family& family = plan.families[job.family];
    std::vector<std::vector<Part>>& parts = passes[job.pass];
    parts.resize(plan.steps.size());
    job.tasks.resize(family.steps.size());
    std::vector<Run> runs = job.runs;
    std::sort(
        runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.block < b.block; });
    for (std::size_t s = 0; s < family.steps.size(); ++s) {
      for (const Run& run : runs) {
        for (const Range& tasks :
             tasks_of_blocks(plan, family, s, {run.block, run.block + run.count})) {
          job.tasks[s].push_back(tasks);
          parts[wfr::index_of(family.steps[s])].push_back({tasks, &job});
        }
      }
      std::sort(job.tasks[s].begin(), job.tasks[s].end(), [](Range a, Range b) {
        return a.begin < b.begin;
      });
    }
  }
  for (std::size_t f = 0; f < plan.families.size(); ++f) {
    const wfr::Family& family = plan.families[f];
    const wfr::BlockMap& map = plan.maps[family.block_map];
    for (const StepId id : family.steps) {
      const wfr::TaskIndex task = task_outside(plan, map, plan.graph.tasks(id));
      if (task == wfr::kNone) continue;
      report_task(
          plan, {id, task}, 0, "in no block of its family", emitted.submit.plan_line, report);
    }
  }
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != wfr::FinalizerKind::None) continue;
    passes[1].resize(plan.steps.size());
    for (auto& [pass, parts] : passes) {
      std::vector<Part>& of_step = parts[wfr::index_of(id)];
      if (pass == 1 || !of_step.empty()) check_step(emitted, id, std::move(of_step), report);
    }
  }
}

}  // namespace wfc::readback
