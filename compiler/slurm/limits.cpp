// Compares what the jobs ask for with what the site has.
#include "compiler/slurm/limits.hpp"

#include "compiler/slurm/resources.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

std::string time_text(std::uint64_t seconds) {
  if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

std::string raise_help(const Workflow& workflow, const char* ask, const char* key) {
  return fmt::format("{}, or correct `{}` of `[site.{}]`", ask, key, workflow.site.name);
}

void check_node(const Workflow& workflow,
                const StepDef& step,
                const JobRequest& request,
                Sink& sink) {
  const Site& site = workflow.site;
  const std::string& name = step.spec.name;
  if (site.max_time_s > 0 && request.time_s > site.max_time_s) {
    sink.report(Kind::TimeOverLimit,
                step.span,
                fmt::format("step `{}` asks for {}, site `{}` ends every job after {}",
                            name,
                            time_text(request.time_s),
                            site.name,
                            time_text(site.max_time_s)),
                raise_help(workflow, "ask for less `time`", "max_time"));
  }
  if (site.max_mem_mb > 0 && request.node_mem_mb > site.max_mem_mb) {
    sink.report(Kind::MemoryOverLimit,
                step.span,
                fmt::format("step `{}` asks for {} MB on a node, a node of site `{}` has {} MB",
                            name,
                            request.node_mem_mb,
                            site.name,
                            site.max_mem_mb),
                raise_help(workflow, "ask for less `mem`", "max_mem"));
  }
  // --ntasks-per-node tasks of --cpus-per-task cpus share a node.
  const std::uint64_t cpus = std::uint64_t{request.cpus} * std::max(request.tasks_per_node, 1U);
  if (site.max_cpus > 0 && cpus > site.max_cpus) {
    const bool for_memory = request.cpus > std::max(step.spec.resources.cpus, 1U);
    sink.report(
        Kind::CpusOverLimit,
        step.span,
        fmt::format("step `{}` asks for {} cpus on a node{}, a node of site `{}` has {}",
                    name,
                    cpus,
                    for_memory ? " (its memory is asked for by cpus)" : "",
                    site.name,
                    site.max_cpus),
        raise_help(
            workflow, for_memory ? "ask for less `mem`" : "ask for fewer `cpus`", "max_cpus"));
  }
  if (site.max_nodes > 0 && request.nodes > site.max_nodes) {
    sink.report(Kind::NodesOverLimit,
                step.span,
                fmt::format("step `{}` asks for {} nodes, site `{}` has {}",
                            name,
                            request.nodes,
                            site.name,
                            site.max_nodes),
                raise_help(workflow, "ask for fewer `nodes`", "max_nodes"));
  }
}

// The step with the most jobs, to point at.
const StepDef& widest(const Workflow& workflow, const wfr::Plan& plan) {
  std::vector<std::uint64_t> jobs(plan.families.size());
  for (const wfr::JobArray& array : plan.arrays) jobs[wfr::index_of(array.family)] += array.size();
  const auto most = std::max_element(jobs.begin(), jobs.end());
  const auto family = static_cast<std::size_t>(most - jobs.begin());
  return workflow.step(plan.families[family].steps.front());
}

void check_counts(const Workflow& workflow, const wfr::Plan& plan, Sink& sink) {
  const Site& site = workflow.site;
  // The verdict, and a job for each finalizer.
  std::uint64_t scripts = plan.arrays.size() + 1;
  for (const wfr::StepId id : plan.order) {
    if (plan.step(id).finalizer != wfr::FinalizerKind::None) ++scripts;
  }
  std::uint64_t jobs = scripts - plan.arrays.size();
  for (const wfr::JobArray& array : plan.arrays) jobs += array.size();
  const Span span = widest(workflow, plan).span;
  if (site.max_job_count > 0 && jobs > site.max_job_count) {
    sink.report(
        Kind::TooManyJobs,
        span,
        fmt::format("the workflow makes {} jobs, the controller of site `{}` keeps {} in all "
                    "(MaxJobCount; every array task counts)",
                    jobs,
                    site.name,
                    site.max_job_count),
        raise_help(workflow, "split the data's root into several workflows", "max_job_count"));
  }
  if (site.max_submit_jobs > 0 && jobs > site.max_submit_jobs) {
    sink.report(
        Kind::TooManySubmittedJobs,
        span,
        fmt::format("the workflow makes {} jobs, site `{}` lets a user have {} "
                    "(MaxSubmitJobs; every array task counts)",
                    jobs,
                    site.name,
                    site.max_submit_jobs),
        raise_help(workflow, "split the data's root into several workflows", "max_submit_jobs"));
  }
  if (site.max_submissions > 0 && scripts > site.max_submissions) {
    sink.report(Kind::TooManySubmissions,
                span,
                fmt::format("the workflow needs {} calls of sbatch, at most {} are wanted (arrays "
                            "of at most {} on site `{}`)",
                            scripts,
                            site.max_submissions,
                            site.max_array_size,
                            site.name),
                fmt::format("set `max_array_size` of `[site.{}]` to the cluster's MaxArraySize, or "
                            "raise `max_submissions`",
                            site.name));
  }
  // The verdict names every array: "afterany" and ten bytes for each id.
  if (scripts * 10 + 9 > kMaxArgumentBytes) {
    sink.report(Kind::DependencyTooLong,
                span,
                fmt::format("the last job would wait for {} others, more than one argument of a "
                            "command can name",
                            scripts),
                fmt::format("set `max_array_size` of `[site.{}]` to the cluster's MaxArraySize",
                            site.name));
  }
}

}  // namespace

void check_limits(const Workflow& workflow, const wfr::Plan& plan, Sink& sink) {
  for (const wfr::Family& family : plan.families) {
    const StepDef& step = workflow.step(family.steps.front());
    check_node(workflow, step, request_of(workflow.site, family.job, step.slurm), sink);
  }
  for (const wfr::StepId id : plan.order) {
    const StepDef& step = workflow.step(id);
    if (step.spec.finalizer == wfr::FinalizerKind::None) continue;
    check_node(workflow, step, request_of(workflow.site, step.spec.resources, step.slurm), sink);
  }
  if (!plan.families.empty()) check_counts(workflow, plan, sink);
}

void check_script(const Workflow& workflow,
                  wfr::StepId step,
                  const std::string& path,
                  std::size_t bytes,
                  Sink& sink) {
  if (bytes <= kMaxScriptBytes) return;
  sink.report(Kind::ScriptTooLong,
              workflow.step(step).span,
              fmt::format("`{}` has {} bytes, Slurm takes {}", path, bytes, kMaxScriptBytes),
              "move the `setup` into a file of its own and source it");
}

}  // namespace wfc
