// Bounds of list scheduling from the times of tasks.
#include "compiler/graph/durations.hpp"

#include "compiler/graph/compatible.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace wfc {
namespace {

constexpr double kMargin = 1.2;
constexpr std::uint64_t kMinute = 60;
// Less is not worth asking for: Slurm counts in minutes, and warns of the end up to three before
// it.
constexpr std::uint64_t kLeast = 5 * kMinute;

// Tasks of the step in the job that wait for each other one after the other, at most.
std::uint32_t chain_of(const wfr::TaskGraph& graph, const JobLoad& load, std::size_t step) {
  std::uint32_t chain = wfr::longest_own_path(graph, load.steps[step]);
  if (load.chain > 0) chain = std::min(chain, load.chain);
  return std::min(std::max(load.tasks[step], 1U), chain);
}

// Seconds along the longest chain of steps that wait for each other.
double critical_path(const Workflow& workflow, const wfr::TaskGraph& graph, const JobLoad& load) {
  std::map<StepId, double> end;
  double longest = 0;
  for (std::size_t i = 0; i < load.steps.size(); ++i) {
    const StepId id = load.steps[i];
    double begin = 0;
    for (const wfr::Edge& edge : graph.edges) {
      if (edge.to != id) continue;
      const auto producer = end.find(edge.from);
      if (producer != end.end()) begin = std::max(begin, producer->second);
    }
    end[id] = begin + task_seconds(workflow.step(id)) * chain_of(graph, load, i);
    longest = std::max(longest, end[id]);
  }
  return longest;
}

std::uint64_t total(const std::vector<std::uint32_t>& tasks) {
  return std::accumulate(tasks.begin(), tasks.end(), std::uint64_t{0});
}

// What as many tasks need as these cpus can run at once, of whichever step needs the most.
std::uint64_t mem_of_all(const Workflow& workflow,
                         const std::vector<StepId>& steps,
                         const std::vector<std::uint32_t>& tasks,
                         std::uint32_t cpus) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StepDef& step = workflow.step(steps[i]);
    const JobLoad load{{}, {}, cpus, 0};
    most =
        std::max(most, step.spec.resources.mem_mb * std::min(tasks[i], tasks_at_once(step, load)));
  }
  return most;
}

std::uint64_t whole_minutes(double seconds) {
  return static_cast<std::uint64_t>(std::ceil(seconds / kMinute)) * kMinute;
}

}  // namespace

double task_seconds(const StepDef& step) {
  return step.estimate_s > 0 ? step.estimate_s : static_cast<double>(step.spec.resources.time_s);
}

std::uint32_t tasks_at_once(const StepDef& step, const JobLoad& load) {
  const wfr::ResourceSpec& asked = step.spec.resources;
  if (wants_whole_job(asked)) return 1;
  std::uint64_t most = load.cpus / std::max(asked.cpus, 1U);
  if (load.mem_mb > 0 && asked.mem_mb > 0) most = std::min(most, load.mem_mb / asked.mem_mb);
  if (step.spec.limit > 0) most = std::min<std::uint64_t>(most, step.spec.limit);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(most, 1));
}

double rounds(const Workflow& workflow,
              const wfr::TaskGraph& graph,
              const JobLoad& load,
              std::size_t i) {
  const std::uint32_t at_once = tasks_at_once(workflow.step(load.steps[i]), load);
  const double filled = std::ceil(1.0 * load.tasks[i] / at_once);
  const std::uint32_t chain = chain_of(graph, load, i);
  return chain > 1 ? std::min<double>(load.tasks[i], filled + chain - 1) : filled;
}

std::optional<double> makespan(const Workflow& workflow,
                               const wfr::TaskGraph& graph,
                               const JobLoad& load) {
  double one_by_one = 0;
  double shared = 0;
  for (std::size_t i = 0; i < load.steps.size(); ++i) {
    const StepDef& step = workflow.step(load.steps[i]);
    const double seconds = task_seconds(step);
    if (seconds <= 0) return std::nullopt;
    if (load.steps.size() == 1) return seconds * rounds(workflow, graph, load, i);
    one_by_one += seconds * load.tasks[i];
    shared += seconds * load.tasks[i] / tasks_at_once(step, load);
  }
  return std::min(one_by_one, shared + critical_path(workflow, graph, load));
}

wfr::ResourceSpec job_size(const Workflow& workflow,
                           const std::vector<StepId>& steps,
                           const std::vector<std::uint32_t>& tasks) {
  // Nodes, ranks and GPUs are the same for all of them.
  wfr::ResourceSpec job = workflow.step(steps.front()).spec.resources;
  for (const StepId id : steps) {
    const wfr::ResourceSpec& asked = workflow.step(id).spec.resources;
    job.cpus = std::max(job.cpus, asked.cpus);
    job.mem_mb = std::max(job.mem_mb, asked.mem_mb);
  }
  job.time_s = 0;
  if (total(tasks) <= 1 || wants_whole_job(job)) return job;
  job.cpus = std::max(job.cpus, workflow.jobs.cpus);
  if (workflow.jobs.mem_mb > 0) {
    job.mem_mb = std::max(job.mem_mb, workflow.jobs.mem_mb);
    return job;
  }
  const JobLimits node = limits_for(workflow, steps);
  const bool whole_node = workflow.step(steps.front()).slurm.exclusive;
  // By cpus it comes with those of the node.
  if (whole_node && workflow.site.memory != MemoryPolicy::Mem) return job;
  // How much the tasks of a node of unknown size need is not known: the job gets all of it.
  if (whole_node && (node.cpus == 0 || node.mem_mb == 0)) {
    job.mem_mb = 0;
    return job;
  }
  if (!whole_node && workflow.jobs.cpus == 0) return job;
  const std::uint32_t cpus = whole_node ? std::max(job.cpus, node.cpus) : job.cpus;
  std::uint64_t wanted = mem_of_all(workflow, steps, tasks, cpus);
  if (node.mem_mb > 0) wanted = std::min(wanted, node.mem_mb);
  job.mem_mb = std::max(job.mem_mb, wanted);
  return job;
}

JobLimits limits_for(const Workflow& workflow, const std::vector<StepId>& steps) {
  const Site& site = workflow.site;
  const std::string& named = workflow.step(steps.front()).slurm.partition;
  return widest_limits(site, named.empty() ? all_partitions(site) : named_partitions(site, named));
}

std::uint64_t longest_time(const Workflow& workflow, const std::vector<StepId>& steps) {
  return limits_for(workflow, steps).time_s;
}

void set_room(const Workflow& workflow, JobLoad& load) {
  const wfr::ResourceSpec size = job_size(workflow, load.steps, load.tasks);
  load.cpus = size.cpus;
  load.mem_mb = size.mem_mb;
  if (total(load.tasks) <= 1 || !workflow.step(load.steps.front()).slurm.exclusive) return;
  const JobLimits node = limits_for(workflow, load.steps);
  load.cpus = std::max(load.cpus, node.cpus);
  const bool all = load.mem_mb == 0 || workflow.site.memory != MemoryPolicy::Mem;
  if (all) load.mem_mb = node.mem_mb;
}

std::uint64_t job_time(const Workflow& workflow, const wfr::TaskGraph& graph, const JobLoad& load) {
  std::uint64_t largest = 0;
  std::uint64_t tasks = 0;
  for (std::size_t i = 0; i < load.steps.size(); ++i) {
    largest = std::max(largest, workflow.step(load.steps[i]).spec.resources.time_s);
    tasks += load.tasks[i];
  }
  if (tasks <= 1) return largest;
  if (workflow.jobs.time_s > 0) return workflow.jobs.time_s;
  const std::optional<double> seconds = makespan(workflow, graph, load);
  if (!seconds) return 0;
  const std::uint64_t wanted = std::max({largest, kLeast, whole_minutes(*seconds * kMargin)});
  const std::uint64_t most = longest_time(workflow, load.steps);
  const bool squeezed = most > 0 && wanted > most && *seconds <= static_cast<double>(most);
  return squeezed ? std::max(most, largest) : wanted;
}

bool fits_the_time(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<StepId>& steps) {
  const std::uint64_t most = longest_time(workflow, steps);
  if (most == 0 || workflow.jobs.time_s > 0) return true;
  JobLoad load{steps, std::vector<std::uint32_t>(steps.size(), 1)};
  set_room(workflow, load);
  const std::optional<double> seconds = makespan(workflow, graph, load);
  return !seconds || *seconds <= static_cast<double>(most);
}

}  // namespace wfc
