// Names and requests of the verdict and the finalizers.
#include "compiler/slurm/closing.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/partitions.hpp"

#include <algorithm>

namespace wfc {
namespace {

// The verdict reads 64 bytes a task.
constexpr std::uint64_t kVerdictSeconds = 900;
constexpr std::uint64_t kVerdictMegabytes = 500;

// The site without its partitions for GPUs, unless it has no others. `keys` have been merged with
// the site's already, and what they leave unset is meant to be.
Site without_gpu_partitions(const Site& site) {
  Site lean = site;
  lean.slurm = {};
  const auto first_with = std::stable_partition(
      lean.partitions.begin(), lean.partitions.end(), [](const Partition& partition) {
        return !partition.gpus || partition.gpus->empty();
      });
  if (first_with != lean.partitions.begin())
    lean.partitions.erase(first_with, lean.partitions.end());
  return lean;
}

JobRequest request_without_gpus(const Site& site,
                                const wfr::ResourceSpec& size,
                                const SlurmKeys& keys) {
  const Site lean = without_gpu_partitions(site);
  JobRequest request = request_of(lean, size, keys);
  if (!wants_choice(lean, request) || request.partition_chosen) return request;
  Site whole = site;
  whole.slurm = {};
  return request_of(whole, size, keys);
}

// No more than the largest step: a partition that takes the steps then takes the verdict too.
std::uint64_t verdict_time(const Workflow& workflow, const wfr::Plan& plan) {
  const Site& site = workflow.site;
  std::uint64_t longest = 0;
  for (const wfr::StepSpec& step : plan.steps) longest = std::max(longest, step.resources.time_s);
  // What `wfc tune` has measured may be shorter than it takes to look at every record.
  constexpr std::uint64_t kLeast = 5 * 60;
  std::uint64_t time_s =
      longest > 0 ? std::clamp(longest, kLeast, kVerdictSeconds) : kVerdictSeconds;
  if (site.max_time_s > 0) time_s = std::min(time_s, site.max_time_s);
  for (const Partition* partition : named_partitions(site, workflow.closing.slurm.partition)) {
    const std::uint64_t limit = limits_of(site, partition).time_s;
    if (limit > 0) time_s = std::min(time_s, limit);
  }
  return time_s;
}

}  // namespace

std::vector<ClosingJob> closing_jobs(const wfr::Plan& plan) {
  std::vector<StepId> finalizers;
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != wfr::FinalizerKind::None) finalizers.push_back(id);
  }
  const std::size_t scripts = plan.families.size() + 1 + finalizers.size();
  std::vector<ClosingJob> jobs;
  jobs.push_back(
      {numbered_name(plan.families.size() + 1, scripts, "verdict"), StepId{wfr::kNone}, true});
  for (const StepId id : finalizers) {
    jobs.push_back(
        {numbered_name(plan.families.size() + 1 + jobs.size(), scripts, plan.step(id).name), id});
  }
  return jobs;
}

JobRequest verdict_request(const Workflow& workflow, const wfr::Plan& plan) {
  const ClosingDef& closing = workflow.closing;
  wfr::ResourceSpec size = closing.asked;
  if (size.time_s == 0) size.time_s = verdict_time(workflow, plan);
  if (size.mem_mb == 0) {
    for (const wfr::StepSpec& step : plan.steps) {
      size.mem_mb = std::max(size.mem_mb, step.resources.mem_mb);
    }
    size.mem_mb = std::min(kVerdictMegabytes, size.mem_mb);
  }
  return request_without_gpus(workflow.site, size, closing.slurm);
}

JobRequest finalizer_request(const Workflow& workflow, StepId finalizer) {
  const StepDef& step = workflow.step(finalizer);
  const wfr::ResourceSpec& size = step.spec.resources;
  if (!size.gpus.empty()) return request_of(workflow.site, size, step.slurm);
  return request_without_gpus(workflow.site, size, step.slurm);
}

}  // namespace wfc
