// Adds up what the jobs of a plan ask for.
#include "compiler/slurm/demand.hpp"

#include "compiler/slurm/job_script.hpp"
#include "compiler/workflow/site_limits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

DemandRow row_of(const wfr::Plan& plan, const PlannedArray& planned) {
  DemandRow row;
  row.name = planned.name;
  row.of = planned.of;
  row.pass = planned.pass;
  if (planned.of == JobsOf::Family) row.steps = plan.families[wfr::index_of(planned.family)].steps;
  if (planned.finalizer) row.steps = {*planned.finalizer};
  row.nodes = std::max(planned.request.nodes, 1U);
  row.cores = planned.cores;
  row.mem_mb = planned.request.node_mem_mb;
  row.time_s = planned.request.time_s;
  return row;
}

void add_jobs(const PlannedArray& planned, const PlanWorkload& all, DemandRow& row) {
  row.jobs += planned.profile.size();
  // Of a later pass nobody can say how much of it will be needed.
  if (planned.pass > 1) return;
  row.asked_core_s += static_cast<double>(planned.profile.size()) * planned.cores *
                      static_cast<double>(planned.request.time_s);
  for (const std::uint32_t profile : planned.profile) {
    row.expected_core_s += static_cast<double>(all.profiles[profile].run) / 1000 * planned.cores;
    for (const StepSpan& span : all.profiles[profile].steps) row.tasks += span.tasks;
  }
}

// One that the simulation leaves out, since it runs after a failure.
DemandRow failure_row(const Workflow& workflow, const ClosingJob& job) {
  const JobRequest request = finalizer_request(workflow, job.step);
  DemandRow row;
  row.name = job.name;
  row.of = JobsOf::Finalizer;
  row.steps = {job.step};
  row.tasks = row.jobs = 1;
  row.nodes = std::max(request.nodes, 1U);
  row.cores = cores_of(workflow.site, request);
  row.mem_mb = request.node_mem_mb;
  row.time_s = request.time_s;
  return row;
}

// True if it starts when an earlier array of its own family has ended, because of a limit.
bool takes_turns(const wfr::Plan& plan, const wfr::JobArray& array) {
  return std::any_of(array.after.begin(), array.after.end(), [&](const wfr::Dependency& wait) {
    return plan.arrays[wfr::index_of(wait.on)].family == array.family;
  });
}

void add_rows(const Workflow& workflow,
              const wfr::Plan& plan,
              const PlanWorkload& planned,
              Demand& demand) {
  for (std::size_t a = 0; a < planned.arrays.size(); ++a) {
    const PlannedArray& array = planned.arrays[a];
    const bool is_family = array.of == JobsOf::Family;
    const bool further_chunk =
        is_family && a > 0 && array.pass == 1 && planned.arrays[a - 1].family == array.family;
    if (!further_chunk) demand.rows.push_back(row_of(plan, array));
    DemandRow& row = demand.rows.back();
    add_jobs(array, planned, row);
    if (is_family && !plan.arrays[a].plain) {
      row.chunks.push_back(static_cast<std::uint32_t>(array.profile.size()));
      if (!takes_turns(plan, plan.arrays[a])) row.at_once += plan.arrays[a].limit;
    }
  }
  if (workflow.site.local) return;
  std::size_t position = demand.rows.size();
  for (const DemandRow& row : demand.rows) {
    if (row.of != JobsOf::Family) --position;
  }
  for (const ClosingJob& job : closing_jobs(plan)) {
    if (!job.is_verdict && plan.step(job.step).finalizer == wfr::FinalizerKind::Failure) {
      demand.rows.insert(demand.rows.begin() + static_cast<std::ptrdiff_t>(position),
                         failure_row(workflow, job));
    }
    ++position;
  }
}

void add_totals(const wfr::Plan& plan, Demand& demand) {
  demand.tasks = plan.task_count();
  demand.submissions = plan.arrays.size();
  for (const DemandRow& row : demand.rows) {
    demand.jobs += row.jobs;
    if (row.of != JobsOf::Family) ++demand.submissions;
    demand.asked_core_s += row.asked_core_s;
    demand.expected_core_s += row.expected_core_s;
    demand.asks_time = demand.asks_time && row.time_s > 0;
  }
}

bool is_known(const TaskTime& time) {
  return time.from == TimeFrom::Estimate || time.from == TimeFrom::Records;
}

// Whole nodes of unknown size.
void add_node_doubt(const Site& site, const PlanWorkload& planned, Demand& demand) {
  for (const PlannedArray& array : planned.arrays) {
    const SlurmKeys& keys = array.request.keys;
    if (!keys.exclusive) continue;
    if (widest_limits(site, named_partitions(site, keys.partition)).cpus > 0) continue;
    demand.doubts.push_back(fmt::format(
        "the nodes of `{}` are of unknown size (`max_cpus`): only the cpus asked for are counted",
        array.name));
    return;
  }
}

// Longest run of a job against its limit.
void add_doubts(const PlanWorkload& planned, Demand& demand) {
  for (const PlannedArray& array : planned.arrays) {
    if (array.request.time_s == 0) continue;
    Milliseconds longest = 0;
    for (const std::uint32_t profile : array.profile) {
      longest = std::max(longest, planned.profiles[profile].run);
    }
    if (longest > static_cast<Milliseconds>(array.request.time_s) * 1000) {
      demand.doubts.push_back(
          fmt::format("a job of `{}` is expected to take longer than its `time`", array.name));
    }
  }
}

}  // namespace

CriticalPath critical_steps(const wfr::Plan& plan, const std::vector<TaskTime>& times) {
  std::vector<double> ends(plan.steps.size(), 0);
  std::vector<std::uint32_t> before(plan.steps.size(), wfr::kNone);
  std::uint32_t last = wfr::kNone;
  for (const StepId id : plan.order) {
    const std::size_t step = wfr::index_of(id);
    if (plan.step(id).finalizer != wfr::FinalizerKind::None) continue;
    if (plan.graph.tasks(id).count == 0) continue;
    double begin = 0;
    for (const wfr::Edge& edge : plan.graph.edges) {
      const std::size_t from = wfr::index_of(edge.from);
      if (edge.to != id || edge.from == id || ends[from] <= begin) continue;
      begin = ends[from];
      before[step] = static_cast<std::uint32_t>(from);
    }
    ends[step] = begin + times[step].seconds * wfr::longest_own_path(plan.graph, id);
    if (last == wfr::kNone || ends[step] > ends[last]) last = static_cast<std::uint32_t>(step);
  }
  CriticalPath path;
  if (last == wfr::kNone) return path;
  path.seconds = ends[last];
  for (std::uint32_t at = last; at != wfr::kNone; at = before[at]) {
    path.steps.push_back(StepId{at});
  }
  std::reverse(path.steps.begin(), path.steps.end());
  return path;
}

Demand demand_of(const Workflow& workflow,
                 const wfr::Plan& plan,
                 const std::vector<TaskTime>& times,
                 const PlanWorkload& planned) {
  Demand demand;
  add_rows(workflow, plan, planned, demand);
  add_totals(plan, demand);
  if (!workflow.site.local) {
    add_doubts(planned, demand);
    add_node_doubt(workflow.site, planned, demand);
  }
  demand.knows_time = std::any_of(plan.order.begin(), plan.order.end(), [&](StepId id) {
    return is_known(times[wfr::index_of(id)]);
  });
  demand.critical_path = critical_steps(plan, times);
  return demand;
}

}  // namespace wfc
