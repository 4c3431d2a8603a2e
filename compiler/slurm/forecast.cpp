// Chooses the cluster, runs the simulation, sums up by step.
#include "compiler/slurm/forecast.hpp"

#include "compiler/workflow/site_limits.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

// By step: the begin of a job and the span of the step inside it.
std::vector<StepForecast> steps_of(const PlanWorkload& planned, const Simulated& run) {
  struct Sum {
    StepForecast step;
    std::uint64_t jobs = 0;
    double waited_ms = 0;
  };
  std::map<StepId, Sum> sums;
  std::vector<StepId> order;
  for (std::size_t a = 0; a < planned.arrays.size(); ++a) {
    const PlannedArray& array = planned.arrays[a];
    for (std::size_t e = 0; e < array.profile.size(); ++e) {
      const Milliseconds begin = run.arrays[a].begin[e];
      if (begin == kNever) continue;
      for (const StepSpan& span : planned.profiles[array.profile[e]].steps) {
        const auto [it, is_new] = sums.try_emplace(span.step);
        Sum& sum = it->second;
        if (is_new) {
          order.push_back(span.step);
          sum.step = {span.step, begin + span.first, begin + span.last, 0};
        }
        sum.step.begin = std::min(sum.step.begin, begin + span.first);
        sum.step.end = std::max(sum.step.end, begin + span.last);
        sum.waited_ms += static_cast<double>(begin - run.arrays[a].ready[e]);
        ++sum.jobs;
      }
    }
  }
  std::vector<StepForecast> steps;
  for (const StepId id : order) {
    Sum& sum = sums[id];
    sum.step.wait_s = sum.waited_ms / 1000 / static_cast<double>(sum.jobs);
    steps.push_back(sum.step);
  }
  return steps;
}

void finish(const PlanWorkload& planned, Forecast& result) {
  result.run = simulate(planned.workload, result.cluster, result.timing);
  result.steps = steps_of(planned, result.run);
  const double all =
      static_cast<double>(result.run.makespan) * result.cluster.nodes * result.cluster.cpus;
  if (all == 0) return;
  result.allocated = static_cast<double>(result.run.busy_cpu_ms) / all;
  double work = 0;
  for (std::size_t a = 0; a < planned.arrays.size(); ++a) {
    const PlannedArray& array = planned.arrays[a];
    // The ranks of a parallel program are one task of the workflow.
    const bool parallel = array.request.nodes > 1 || array.request.tasks > 0;
    for (std::size_t e = 0; e < array.profile.size(); ++e) {
      if (result.run.arrays[a].begin[e] == kNever) continue;
      const JobProfile& job = planned.profiles[array.profile[e]];
      work += static_cast<double>(parallel ? job.run * array.cores : job.work_cpu_ms);
    }
  }
  result.used = work / all;
}

// Of the partitions that the jobs go to. The nodes of the simulation are alike: as large as the
// largest of these.
JobLimits limits_of_nodes(const Site& site, const PlanWorkload& planned) {
  std::vector<const Partition*> used;
  for (const PlannedArray& array : planned.arrays) {
    for (const Partition* partition : named_partitions(site, array.request.keys.partition)) {
      if (std::find(used.begin(), used.end(), partition) == used.end()) used.push_back(partition);
    }
  }
  return widest_limits(site, used);
}

}  // namespace

SimCluster cluster_of(const Site& site,
                      const PlanWorkload& planned,
                      std::optional<std::uint32_t> nodes,
                      std::vector<std::string>& assumptions) {
  const JobLimits limits = limits_of_nodes(site, planned);
  SimCluster cluster{kAssumedNodes, kAssumedCpus, limits.mem_mb};
  for (const SimArray& array : planned.workload.arrays) {
    cluster.nodes = std::max(cluster.nodes, array.nodes);
    cluster.cpus = std::max(cluster.cpus, array.cpus);
  }
  if (limits.nodes > 0) cluster.nodes = limits.nodes;
  if (nodes) cluster.nodes = *nodes;
  if (!nodes && limits.nodes == 0) {
    assumptions.push_back(
        fmt::format("{} nodes: neither `max_nodes` nor --nodes says how many", cluster.nodes));
  }
  if (limits.cpus > 0) {
    cluster.cpus = limits.cpus;
  } else {
    assumptions.push_back(fmt::format("{} cpus a node: `max_cpus` is not set", cluster.cpus));
  }
  if (limits.mem_mb == 0) {
    assumptions.emplace_back("memory for every job: `max_mem` is not set");
  }
  return cluster;
}

SimTiming timing_of(const Site& site) {
  SimTiming timing;
  // slurmctld looks around once a second at most.
  timing.tick_ms = Milliseconds{std::max(site.batch_sched_delay_s, 1U)} * 1000;
  // With --export=NONE slurmd asks a login shell for the environment of every job.
  if (site.export_policy == "NONE") timing.launch_ms += kLoginShellMs;
  timing.backfill_ms = Milliseconds{std::max(site.bf_interval_s, 1U)} * 1000;
  return timing;
}

Forecast forecast(const Workflow& workflow,
                  const PlanWorkload& planned,
                  std::optional<std::uint32_t> nodes) {
  Forecast result;
  result.cluster = cluster_of(workflow.site, planned, nodes, result.assumptions);
  result.timing = timing_of(workflow.site);
  finish(planned, result);
  return result;
}

Forecast local_forecast(const PlanWorkload& planned, const wfr::Budget& machine) {
  Forecast result;
  result.cluster = {1, machine.cpus, machine.mem_mb};
  for (const SimArray& array : planned.workload.arrays) {
    // Locally a task that asks for more than there is runs alone.
    result.cluster.cpus = std::max(result.cluster.cpus, array.cpus);
    if (result.cluster.mem_mb > 0) {
      result.cluster.mem_mb = std::max(result.cluster.mem_mb, array.mem_mb);
    }
  }
  result.timing = {1, 1, 0, 0, 1'000'000};
  finish(planned, result);
  return result;
}

}  // namespace wfc
