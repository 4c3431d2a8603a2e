// The simulation of a plan on a site's nodes, and what of it people ask about.
#pragma once

#include "compiler/slurm/plan_workload.hpp"
#include "compiler/slurm/simulate.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

// Of a site that does not say.
inline constexpr std::uint32_t kAssumedNodes = 10;
inline constexpr std::uint32_t kAssumedCpus = 64;
// `su - USER -c env` with the profile of a Debian root, measured.
inline constexpr Milliseconds kLoginShellMs = 400;

struct StepForecast {
  StepId step{};
  Milliseconds begin = 0;  // of its first task
  Milliseconds end = 0;    // of its last task
  double wait_s = 0;       // mean over its jobs: from nothing left to wait for to the begin
};

struct Forecast {
  SimCluster cluster;
  SimTiming timing;
  std::vector<std::string> assumptions;  // "10 nodes (`max_nodes` of the site is not set)"
  Simulated run;
  std::vector<StepForecast> steps;  // in topological order; finalizers last
  double allocated = 0;             // share of all cpus that jobs had until the last end, 0 to 1
  double used = 0;                  // share that tasks inside the jobs had
};

// The largest nodes of the partitions that the jobs go to, or of the site, `nodes` of them (else
// its `max_nodes`), or what is assumed.
SimCluster cluster_of(const Site& site,
                      const PlanWorkload& planned,
                      std::optional<std::uint32_t> nodes,
                      std::vector<std::string>& assumptions);
SimTiming timing_of(const Site& site);

Forecast forecast(const Workflow& workflow,
                  const PlanWorkload& planned,
                  std::optional<std::uint32_t> nodes);
// `wfc run` on a machine: no Slurm, no waiting.
Forecast local_forecast(const PlanWorkload& planned, const wfr::Budget& machine);

}  // namespace wfc
