// Cpus, memory and time of jobs.
#include "compiler/graph/job_resources.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

std::uint32_t most_tasks(const wfr::TaskGraph& graph, LevelId level, StepId id) {
  const wfr::InstanceSet& tasks = graph.tasks(id);
  if (tasks.level == level) return 1;
  std::uint32_t most = 0;
  for (wfr::Ordinal node = 0; node < graph.tree.level(level).size(); ++node) {
    const wfr::Range below = graph.tree.descendants(level, {node, node + 1}, tasks.level);
    most = std::max(most, tasks.tasks_in(below).size());
  }
  return most;
}

std::string time_text(std::uint64_t seconds) {
  if (seconds == 0) return "time not known: the site's default";
  return fmt::format("{}:{:02} h", seconds / 3600, seconds / 60 % 60);
}

// The steps of which fewer tasks run at once than the job has cpus for, for want of memory.
std::vector<StepId> bounded_by_memory(const Workflow& workflow, const JobLoad& load) {
  std::vector<StepId> steps;
  JobLoad without = load;
  without.mem_mb = 0;
  for (std::size_t i = 0; i < load.steps.size(); ++i) {
    const StepDef& step = workflow.step(load.steps[i]);
    const std::uint32_t wanted = std::min(load.tasks[i], tasks_at_once(step, without));
    if (tasks_at_once(step, load) < wanted) steps.push_back(load.steps[i]);
  }
  return steps;
}

std::string bounded_text(const Workflow& workflow, const std::vector<StepId>& steps) {
  return fmt::format("; memory, not cpus, bounds how many tasks of {} run at once",
                     quoted_steps(workflow, steps));
}

// Cpus were asked for in [jobs], and no node has memory for as many tasks.
void warn_of_idle_cpus(const Workflow& workflow,
                       const JobLoad& load,
                       const std::vector<StepId>& bounded,
                       Sink& sink) {
  const StepDef& step = workflow.step(bounded.front());
  const std::uint32_t at_once = tasks_at_once(step, load);
  sink.report(
      Kind::CpusWithoutMemory,
      workflow.jobs.cpus_span,
      fmt::format("a job has {} cpus, but with {} MB only {} of the tasks of {} run at once",
                  load.cpus,
                  load.mem_mb,
                  at_once,
                  quoted_steps(workflow, bounded)),
      fmt::format("no node of site `{}` has more memory: `cpus = {}` in [jobs] leaves none idle",
                  workflow.site.name,
                  at_once * std::max(step.spec.resources.cpus, 1U)));
}

}  // namespace

std::vector<std::uint32_t> most_tasks_in_a_directory(const wfr::TaskGraph& graph,
                                                     const Draft& draft) {
  std::vector<std::uint32_t> most;
  for (const StepId id : draft.steps) most.push_back(most_tasks(graph, draft.level, id));
  return most;
}

JobLoad load_of(const Workflow& workflow,
                const wfr::TaskGraph& graph,
                const Draft& draft,
                const std::vector<std::uint32_t>& most,
                std::uint32_t pack) {
  JobLoad load;
  load.steps = draft.steps;
  for (std::size_t i = 0; i < draft.steps.size(); ++i) {
    const std::uint64_t all = graph.tasks(draft.steps[i]).count;
    load.tasks.push_back(
        static_cast<std::uint32_t>(std::min<std::uint64_t>(all, std::uint64_t{most[i]} * pack)));
  }
  set_room(workflow, load);
  // Of several tasks below one directory nothing is known.
  const bool one_each =
      std::all_of(most.begin(), most.end(), [](auto tasks) { return tasks <= 1; });
  if (draft.clusters && one_each) load.chain = draft.clusters->depths;
  return load;
}

JobGraph size_jobs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<Draft>& drafts,
                   JobGraph jobs,
                   Sink& sink) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const Draft& draft = drafts[i];
    const JobLoad load =
        load_of(workflow, graph, draft, most_tasks_in_a_directory(graph, draft), draft.pack);
    const std::uint64_t tasks =
        std::accumulate(load.tasks.begin(), load.tasks.end(), std::uint64_t{0});
    wfr::ResourceSpec& job = jobs.families[i].job;
    job = job_size(workflow, draft.steps, load.tasks);
    job.time_s = job_time(workflow, graph, load);
    if (tasks <= 1) continue;
    const std::vector<StepId> bounded = bounded_by_memory(workflow, load);
    if (!bounded.empty() && workflow.jobs.cpus > 0 && workflow.jobs.mem_mb == 0) {
      warn_of_idle_cpus(workflow, load, bounded, sink);
    }
    jobs.notes.push_back({"time",
                          draft.steps,
                          fmt::format("a job has up to {} tasks, {} cpus{}, {}{}",
                                      tasks,
                                      job.cpus,
                                      job.mem_mb > 0 ? fmt::format(", {} MB", job.mem_mb) : "",
                                      time_text(job.time_s),
                                      bounded.empty() ? "" : bounded_text(workflow, bounded)),
                          draft.span});
  }
  return jobs;
}

}  // namespace wfc
