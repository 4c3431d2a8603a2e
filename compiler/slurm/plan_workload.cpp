// Elements, requests and dependencies of a plan in the simulation's terms.
#include "compiler/slurm/plan_workload.hpp"

#include "compiler/slurm/job_script.hpp"
#include "compiler/workflow/site_limits.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace wfc {
namespace {

constexpr Milliseconds kLook = 10;

// The positions in `on` of the indices of `array`; kNone where it has none.
std::vector<std::uint32_t> match_indices(const wfr::JobArray& array, const wfr::JobArray& on) {
  std::vector<std::uint32_t> match;
  // Between depths of one family positions correspond.
  if (array.indices == on.indices || (array.depth && array.family == on.family)) return match;
  std::size_t range = 0;
  std::uint32_t before = 0;  // elements of `on` in the ranges before `range`
  for (const wfr::Range& indices : array.indices) {
    for (std::uint32_t index = indices.begin; index < indices.end; ++index) {
      while (range < on.indices.size() && on.indices[range].end <= index) {
        before += on.indices[range++].size();
      }
      const bool missing = range == on.indices.size() || index < on.indices[range].begin;
      match.push_back(missing ? wfr::kNone : before + index - on.indices[range].begin);
    }
  }
  return match;
}

class Builder {
 public:
  Builder(const Workflow& workflow, const wfr::Plan& plan, const std::vector<TaskTime>& times)
      : workflow_(workflow), plan_(plan), times_(times) {
    result_.workload.correspond_after_task_cnt =
        std::max(workflow.site.correspond_after_task_cnt, 1U);
  }

  void add_array(const wfr::JobArray& array);
  void add_verdict(const ClosingJob& job);
  void add_finalizer(const std::string& name, StepId step, std::vector<SimAfter> after);
  PlanWorkload take() { return std::move(result_); }
  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(result_.arrays.size());
  }
  void add_whole(const wfr::JobArray& array, const wfr::Budget& machine);

 private:
  std::uint32_t keep(JobProfile profile);
  std::uint32_t profile_of(const wfr::Family& family,
                           std::uint32_t block,
                           const wfr::Budget& budget,
                           std::uint64_t limit_s);
  [[nodiscard]] JobProfile clamped(JobProfile profile, std::uint64_t limit_s) const;
  void finish(PlannedArray planned, SimArray array);

  const Workflow& workflow_;
  const wfr::Plan& plan_;
  const std::vector<TaskTime>& times_;
  PlanWorkload result_;
  // Tasks of each step of the family in hand -> into result_.profiles.
  std::map<std::vector<std::uint32_t>, std::uint32_t> known_;
};

std::uint32_t Builder::keep(JobProfile profile) {
  result_.profiles.push_back(std::move(profile));
  return static_cast<std::uint32_t>(result_.profiles.size() - 1);
}

// Limits of tasks add up to more than the limit of their job when nobody expects each to be
// reached.
JobProfile Builder::clamped(JobProfile profile, std::uint64_t limit_s) const {
  const bool bound = std::all_of(profile.steps.begin(), profile.steps.end(), [&](const auto& span) {
    const TimeFrom from = times_[wfr::index_of(span.step)].from;
    return from == TimeFrom::Asked || from == TimeFrom::Assumed;
  });
  const auto limit = static_cast<Milliseconds>(limit_s) * 1000;
  if (!bound || limit == 0 || profile.run <= limit) return profile;
  for (StepSpan& span : profile.steps) {
    span.first = span.first * limit / profile.run;
    span.last = span.last * limit / profile.run;
  }
  profile.work_cpu_ms =
      static_cast<std::int64_t>(static_cast<double>(profile.work_cpu_ms) *
                                static_cast<double>(limit) / static_cast<double>(profile.run));
  profile.run = limit;
  return profile;
}

std::uint32_t Builder::profile_of(const wfr::Family& family,
                                  std::uint32_t block,
                                  const wfr::Budget& budget,
                                  std::uint64_t limit_s) {
  const wfr::StepRanges tasks = tasks_of_block(plan_, family, block);
  std::vector<std::uint32_t> counts;
  for (const auto& [step, ranges] : tasks) {
    counts.push_back(0);
    for (const wfr::Range& range : ranges) counts.back() += range.size();
  }
  const auto [known, is_new] = known_.try_emplace(std::move(counts), 0);
  if (is_new) known->second = keep(clamped(profile_job(plan_, tasks, times_, budget), limit_s));
  return known->second;
}

void Builder::finish(PlannedArray planned, SimArray array) {
  const JobRequest& request = planned.request;
  planned.cores = cores_of(workflow_.site, request);
  array.nodes = std::max(request.nodes, 1U);
  array.cpus = (planned.cores + array.nodes - 1) / array.nodes;
  array.mem_mb = request.node_mem_mb;
  array.limit_ms = static_cast<Milliseconds>(request.time_s) * 1000;
  for (const std::uint32_t profile : planned.profile) {
    array.run_ms.push_back(result_.profiles[profile].run);
  }
  result_.workload.arrays.push_back(std::move(array));
  result_.arrays.push_back(std::move(planned));
}

void Builder::add_array(const wfr::JobArray& array) {
  const wfr::Family& family = plan_.families[wfr::index_of(array.family)];
  PlannedArray planned;
  planned.name = array.name;
  planned.family = array.family;
  planned.request =
      request_of(workflow_.site, job_of(plan_, array), workflow_.step(family.steps.front()).slurm);
  planned.pass = array.pass;
  // As `wfr job` shares the job out.
  const JobRoom room = room_of(workflow_.site, planned.request, family.job.mem_mb);
  const wfr::Budget budget{room.cpus, room.mem_mb};
  known_.clear();
  // Nothing is expected to fail: a job of a later pass looks, and ends.
  if (array.repeats()) planned.profile.assign(array.size(), keep({kLook, 0, {}}));
  for (const wfr::Range& range : array.repeats() ? std::vector<wfr::Range>{} : array.indices) {
    for (std::uint32_t index = range.begin; index < range.end; ++index) {
      planned.profile.push_back(
          profile_of(family, array.first_block + index, budget, planned.request.time_s));
    }
  }
  SimArray job;
  job.size = array.size();
  job.at_once = array.limit;
  for (const wfr::Dependency& dependency : array.after) {
    SimAfter after;
    after.on = static_cast<std::uint32_t>(wfr::index_of(dependency.on));
    // Every other kind goes element by element.
    if (dependency.kind != wfr::Dep::AfterOk && dependency.kind != wfr::Dep::AfterAny) {
      after.wait = SimWait::SameElement;
      after.match = match_indices(array, plan_.arrays[after.on]);
    }
    job.after.push_back(std::move(after));
  }
  finish(std::move(planned), std::move(job));
}

void Builder::add_whole(const wfr::JobArray& array, const wfr::Budget& machine) {
  PlannedArray planned;
  planned.name = array.name;
  planned.family = array.family;
  planned.request.cpus = machine.cpus;
  planned.request.node_mem_mb = machine.mem_mb;
  known_.clear();
  planned.profile = {
      profile_of(plan_.families[wfr::index_of(array.family)], array.first_block, machine, 0)};
  finish(std::move(planned), SimArray{});
}

void Builder::add_verdict(const ClosingJob& job) {
  PlannedArray planned;
  planned.name = job.name;
  planned.of = JobsOf::Verdict;
  planned.request = verdict_request(workflow_, plan_);
  planned.profile = {keep({milliseconds(kVerdictTaskSeconds), 0, {}})};
  SimArray array;
  for (std::uint32_t on = 0; on < count(); ++on) array.after.push_back({SimWait::Whole, on, 0, {}});
  finish(std::move(planned), std::move(array));
}

void Builder::add_finalizer(const std::string& name, StepId step, std::vector<SimAfter> after) {
  const StepDef& definition = workflow_.step(step);
  PlannedArray planned;
  planned.name = name;
  planned.of = JobsOf::Finalizer;
  planned.finalizer = step;
  planned.request = finalizer_request(workflow_, step);
  const Milliseconds run = milliseconds(times_[wfr::index_of(step)].seconds);
  planned.profile = {keep({run, run * definition.spec.resources.cpus, {{step, 1, 0, run}}})};
  SimArray array;
  array.after = std::move(after);
  finish(std::move(planned), std::move(array));
}

}  // namespace

std::uint32_t cores_of(const Site& site, const JobRequest& request) {
  const std::uint32_t nodes = std::max(request.nodes, 1U);
  const std::uint32_t of_node =
      widest_limits(site, named_partitions(site, request.keys.partition)).cpus;
  if (request.keys.exclusive && of_node > 0) return nodes * of_node;
  const std::uint32_t cpus = std::max(request.cpus, 1U);
  if (request.tasks > 0) return cpus * std::max(request.tasks, nodes);
  return cpus * nodes * std::max(request.tasks_per_node, 1U);
}

PlanWorkload plan_workload(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const std::vector<TaskTime>& times) {
  Builder builder(workflow, plan, times);
  for (const wfr::JobArray& array : plan.arrays) builder.add_array(array);
  const std::uint32_t verdict = builder.count();
  for (const ClosingJob& job : closing_jobs(plan)) {
    if (job.is_verdict) {
      builder.add_verdict(job);
    } else if (plan.step(job.step).finalizer != wfr::FinalizerKind::Failure) {
      builder.add_finalizer(job.name, job.step, {{SimWait::Whole, verdict, 0, {}}});
    }
  }
  return builder.take();
}

PlanWorkload local_workload(const Workflow& workflow,
                            const wfr::Plan& plan,
                            const std::vector<TaskTime>& times,
                            const wfr::Budget& machine) {
  Builder builder(workflow, plan, times);
  for (const wfr::JobArray& array : plan.arrays) builder.add_whole(array, machine);
  for (const StepId id : plan.order) {
    const wfr::FinalizerKind kind = plan.step(id).finalizer;
    if (kind == wfr::FinalizerKind::None || kind == wfr::FinalizerKind::Failure) continue;
    std::vector<SimAfter> after;
    if (builder.count() > 0) after.push_back({SimWait::Whole, builder.count() - 1, 0, {}});
    builder.add_finalizer(plan.step(id).name, id, std::move(after));
  }
  return builder.take();
}

}  // namespace wfc
