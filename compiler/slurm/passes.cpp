// Which families climb how far, and what they ask for there.
#include "compiler/slurm/passes.hpp"

#include "compiler/slurm/job_script.hpp"
#include "compiler/slurm/partitions.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Ceiling;
using wfr::Family;
using wfr::JobArray;
using wfr::Plan;

Ceiling ceiling_of(const Site& site, const JobRequest& request) {
  // A partition that wfc has chosen may be another one in a later pass.
  const JobLimits limits =
      widest_limits(site,
                    request.partition_chosen ? all_partitions(site)
                                             : named_partitions(site, request.keys.partition));
  Ceiling ceiling{limits.mem_mb, limits.time_s};
  if (site.memory != MemoryPolicy::Cpus || limits.cpus == 0 || site.mem_per_cpu_mb == 0) {
    return ceiling;
  }
  // Memory is asked for by cpus: as many as a node has.
  const std::uint64_t cpus = limits.cpus / std::max(request.tasks_per_node, 1U);
  const std::uint64_t by_cpus = std::max<std::uint64_t>(cpus, 1) * site.mem_per_cpu_mb;
  ceiling.mem_mb = ceiling.mem_mb == 0 ? by_cpus : std::min(ceiling.mem_mb, by_cpus);
  return ceiling;
}

std::uint64_t cut(std::uint64_t wanted, std::uint64_t first, std::uint64_t ceiling) {
  return ceiling == 0 ? wanted : std::max(first, std::min(wanted, ceiling));
}

// What it would ask for without a ceiling.
wfr::ResourceSpec wanted_job(const Workflow& workflow, const Family& family, std::uint32_t pass) {
  wfr::ResourceSpec job = family.job;
  const bool exclusive = workflow.step(family.steps.front()).slurm.exclusive;
  std::uint32_t time_percent = 0;
  for (const StepId id : family.steps) {
    const wfr::StepSpec& step = workflow.step(id).spec;
    if (wfr::last_pass_of(step, {}) == 1) continue;
    // An exclusive job that asks for all memory of its node cannot ask for more.
    if (job.mem_mb > 0 || !exclusive) {
      job.mem_mb = std::max(job.mem_mb, wfr::rung_of(step, pass, {}).mem_mb);
    }
    time_percent = std::max(time_percent, step.retry.time_percent);
  }
  job.time_s = wfr::grown(job.time_s, time_percent, pass);
  return job;
}

bool has_a_partition(const Workflow& workflow, const Family& family, const wfr::ResourceSpec& job) {
  const JobRequest request =
      request_of(workflow.site, job, workflow.step(family.steps.front()).slurm);
  return !wants_choice(workflow.site, request) || request.partition_chosen;
}

// Whether a step of the family has more in this pass than in the one before.
bool climbs(const Workflow& workflow, const Family& family, std::uint32_t pass) {
  const wfr::ResourceSpec job = pass_job(workflow, family, pass);
  return std::any_of(family.steps.begin(), family.steps.end(), [&](StepId id) {
    const wfr::StepSpec& step = workflow.step(id).spec;
    const Ceiling ceiling{job.mem_mb, job.time_s};
    return wfr::mends(step, wfr::FailureKind::OutOfMemory, pass, ceiling) ||
           wfr::mends(step, wfr::FailureKind::Timeout, pass, ceiling);
  });
}

bool holds(const Family& family, StepId id) {
  return std::find(family.steps.begin(), family.steps.end(), id) != family.steps.end();
}

bool is_after(const Plan& plan, const Family& later, const Family& earlier) {
  return std::any_of(plan.graph.edges.begin(), plan.graph.edges.end(), [&](const auto& edge) {
    return holds(earlier, edge.from) && holds(later, edge.to);
  });
}

// One job may have several failures to repeat: with Slurm's warning before its limit it is put back
// into the queue and goes on.
void give_time_for_a_warning(const Workflow& workflow,
                             const Family& family,
                             wfr::ResourceSpec& job) {
  if (job.time_s == 0 || job.time_s >= kWarnedSeconds) return;
  const SlurmKeys& keys = workflow.step(family.steps.front()).slurm;
  const Ceiling ceiling = ceiling_of(workflow.site, request_of(workflow.site, family.job, keys));
  wfr::ResourceSpec longer = job;
  longer.time_s = cut(kWarnedSeconds, job.time_s, ceiling.time_s);
  if (has_a_partition(workflow, family, longer)) job = longer;
}

// How many jobs the limits of the steps allow, when each job has many directories and keeps its
// cpus busy with them; 0: no limit.
std::uint32_t jobs_at_once(const Workflow& workflow,
                           const Family& family,
                           const wfr::ResourceSpec& job) {
  const SlurmKeys& keys = workflow.step(family.steps.front()).slurm;
  const std::uint32_t cpus = most_cpus_of(request_of(workflow.site, job, keys));
  std::uint32_t jobs = 0;
  for (const StepId id : family.steps) {
    const wfr::StepSpec& step = workflow.step(id).spec;
    if (step.limit == 0) continue;
    const std::uint32_t by_cpus = std::max(1U, cpus / std::max(1U, step.resources.cpus));
    const std::uint32_t of_step = step.limit / std::min(step.limit, by_cpus);
    jobs = jobs == 0 ? of_step : std::min(jobs, of_step);
  }
  return jobs;
}

JobArray pass_array(const Workflow& workflow,
                    const Plan& plan,
                    const JobArray& first,
                    std::uint32_t pass) {
  const Family& family = plan.families[wfr::index_of(first.family)];
  JobArray array;
  array.name = fmt::format("{}.pass{}", first.name, pass);
  array.family = first.family;
  array.pass = pass;
  array.job = pass_job(workflow, family, pass);
  give_time_for_a_warning(workflow, family, array.job);
  std::uint32_t width = std::min(plan.maps[family.block_map].blocks(), kMostPassJobs);
  const std::uint32_t at_once = jobs_at_once(workflow, family, array.job);
  if (at_once > 0) width = std::min(width, at_once);
  // Directories that wait for each other cannot be shared out.
  if (first.depth) width = 1;
  array.plain = width <= 1;
  array.indices = {{0, std::max(width, 1U)}};
  return array;
}

std::string amount_text(const wfr::ResourceSpec& job) {
  std::string text = job.mem_mb > 0 ? fmt::format("{} MB", job.mem_mb) : std::string();
  if (job.time_s > 0) text += (text.empty() ? "" : ", ") + time_text(job.time_s);
  return text;
}

void note_climb(const Workflow& workflow,
                const Family& family,
                const JobArray& array,
                std::vector<PassNote>& notes) {
  const wfr::ResourceSpec wanted = wanted_job(workflow, family, array.pass);
  std::string text = fmt::format("`{}` runs again what was short of memory or time, with {}",
                                 array.name,
                                 amount_text(array.job));
  if (wanted.mem_mb != array.job.mem_mb || wanted.time_s != array.job.time_s) {
    text += fmt::format(", not {}: site `{}` has no more", amount_text(wanted), workflow.site.name);
  }
  notes.push_back({"retry", family.steps, std::move(text), {}});
}

void note_end(const Workflow& workflow, const Plan& plan, std::vector<PassNote>& notes) {
  for (const StepId id : plan.order) {
    const wfr::StepSpec& step = plan.step(id);
    const wfr::RetrySpec& retry = step.retry;
    const std::uint32_t asked = wfr::last_pass_of(step, {});
    if (retry.times > 0 && asked == 1 && (retry.mem_percent > 100 || retry.time_percent > 100)) {
      notes.push_back({"retry",
                       {id},
                       "`retry` has nothing that could grow: the step asks for no such `mem`, "
                       "`time` or `timeout`, or `on` leaves it out",
                       workflow.step(id).span});
    }
    std::uint32_t last = 1;
    for (const JobArray& array : plan.arrays) {
      const Family& family = plan.families[wfr::index_of(array.family)];
      if (array.repeats() && holds(family, id) && climbs(workflow, family, array.pass)) {
        last = std::max(last, array.pass);
      }
    }
    if (last >= asked) continue;
    notes.push_back(
        {"retry",
         {id},
         fmt::format(
             "no pass after pass {}: site `{}` has no larger jobs", last, workflow.site.name),
         workflow.step(id).span});
  }
}

}  // namespace

wfr::ResourceSpec pass_job(const Workflow& workflow, const Family& family, std::uint32_t pass) {
  wfr::ResourceSpec job = wanted_job(workflow, family, pass);
  const SlurmKeys& keys = workflow.step(family.steps.front()).slurm;
  const JobRequest first = request_of(workflow.site, family.job, keys);
  const Ceiling ceiling = ceiling_of(workflow.site, first);
  job.mem_mb = cut(job.mem_mb, family.job.mem_mb, ceiling.mem_mb);
  job.time_s = cut(job.time_s, family.job.time_s, ceiling.time_s);
  // Each alone may be had, but not both of one partition.
  if (has_a_partition(workflow, family, job)) return job;
  wfr::ResourceSpec less = job;
  less.time_s = family.job.time_s;
  if (has_a_partition(workflow, family, less)) return less;
  less = job;
  less.mem_mb = family.job.mem_mb;
  return has_a_partition(workflow, family, less) ? less : family.job;
}

void add_passes(const Workflow& workflow, Plan& plan, std::vector<PassNote>& notes) {
  const std::vector<JobArray> first = plan.arrays;
  for (std::uint32_t pass = 2; pass <= wfr::kMostPasses; ++pass) {
    std::vector<bool> in(plan.families.size(), false);
    for (std::size_t f = 0; f < in.size(); ++f) {
      in[f] = climbs(workflow, plan.families[f], pass);
      // Families are in topological order.
      for (std::size_t before = 0; before < f && !in[f]; ++before) {
        in[f] = in[before] && is_after(plan, plan.families[f], plan.families[before]);
      }
    }
    for (std::size_t f = 0; f < in.size(); ++f) {
      if (!in[f]) continue;
      const auto of_family = std::find_if(first.begin(), first.end(), [&](const JobArray& array) {
        return wfr::index_of(array.family) == f;
      });
      if (of_family == first.end()) continue;
      plan.arrays.push_back(pass_array(workflow, plan, *of_family, pass));
      if (climbs(workflow, plan.families[f], pass)) {
        note_climb(workflow, plan.families[f], plan.arrays.back(), notes);
      }
    }
  }
  note_end(workflow, plan, notes);
}

std::vector<std::size_t> pass_waits(const Plan& plan, std::size_t later) {
  const JobArray& array = plan.arrays[later];
  const Family& family = plan.families[wfr::index_of(array.family)];
  std::vector<std::size_t> waits;
  for (std::size_t a = 0; a < later; ++a) {
    const JobArray& before = plan.arrays[a];
    if (before.family == array.family) {
      if (before.pass < array.pass) waits.push_back(a);
    } else if (before.pass <= array.pass &&
               is_after(plan, family, plan.families[wfr::index_of(before.family)])) {
      waits.push_back(a);
    }
  }
  return waits;
}

}  // namespace wfc
