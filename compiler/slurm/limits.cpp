// Compares what the jobs ask for with what the site has.
#include "compiler/slurm/limits.hpp"

#include "compiler/slurm/closing.hpp"
#include "compiler/slurm/partitions.hpp"
#include "compiler/slurm/resources.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace wfc {
namespace {

// The verdict names every array: "afterany" and ten bytes for each id.
constexpr std::uint64_t kMostNamedJobs = (kMaxArgumentBytes - 9) / 10;

std::string raise_help(const Workflow& workflow, const char* ask, const char* key) {
  return fmt::format("{}, or correct `{}` of `[site.{}.limits]`", ask, key, workflow.site.name);
}

// One job that is asked for: of a family, or of a finalizer.
struct Asked {
  std::vector<StepId> steps;
  JobRequest request;
};

// Compares one job with the limits of its partition, or of the site where nothing is known of it.
class JobCheck {
 public:
  JobCheck(const Workflow& workflow, const Asked& asked, Sink& sink)
      : workflow_(workflow),
        step_(workflow.step(asked.steps.front())),
        request_(asked.request),
        sink_(sink) {
    who_ = fmt::format("step `{}`", step_.spec.name);
    if (asked.steps.size() > 1) {
      who_ = fmt::format("the job of the steps `{}` to `{}`",
                         step_.spec.name,
                         workflow.step(asked.steps.back()).spec.name);
    }
  }

  void run() {
    const Site& site = workflow_.site;
    if (wants_choice(site, request_)) {  // and none took it
      report_refusals(choose_partition(site, request_).refused,
                      fmt::format("no partition of site `{}` takes", site.name));
      return;
    }
    const std::vector<const Partition*> named = named_partitions(site, request_.keys.partition);
    const bool known = std::find(named.begin(), named.end(), nullptr) == named.end();
    if (named.size() > 1 && known) {
      check_any(named);
      return;
    }
    partition_ = named.size() == 1 ? named.front() : nullptr;
    check_time();
    check_memory();
    check_cpus();
    check_nodes();
    check_gpus();
  }

 private:
  // Slurm starts a job in any of the partitions that it names.
  void check_any(const std::vector<const Partition*>& named) {
    std::vector<Refusal> refused;
    for (const Partition* partition : named) {
      std::string reason = refusal(workflow_.site, *partition, request_);
      if (reason.empty()) return;
      refused.push_back({partition, std::move(reason)});
    }
    report_refusals(refused, "none of the partitions that it names takes");
  }

  void report_refusals(const std::vector<Refusal>& refused, const std::string& refusers) {
    Diagnostic diagnostic{Kind::NoPartitionFits,
                          step_.span,
                          fmt::format("{} requests {}, which {}", who_, wishes(), refusers),
                          "request less, or correct `partitions` of the site",
                          {}};
    for (const Refusal& refusal : refused) {
      diagnostic.labels.push_back(
          {refusal.partition->span,
           fmt::format("`{}` {}", refusal.partition->name, refusal.reason)});
    }
    sink_.report(std::move(diagnostic));
  }

  // "49 h, 2000 MB and 4 cpus"
  [[nodiscard]] std::string wishes() const {
    std::vector<std::string> parts;
    if (request_.time_s > 0) parts.push_back(time_text(request_.time_s));
    if (request_.node_mem_mb > 0) parts.push_back(fmt::format("{} MB", request_.node_mem_mb));
    parts.push_back(fmt::format("{} cpu{}", cpus_on_node(), cpus_on_node() == 1 ? "" : "s"));
    if (request_.nodes > 1) parts.push_back(fmt::format("{} nodes", request_.nodes));
    if (!request_.gpu_request.empty())
      parts.push_back(fmt::format("GPUs `{}`", request_.gpu_request));
    const std::string last = parts.back();
    parts.pop_back();
    return parts.empty() ? last : fmt::format("{} and {}", fmt::join(parts, ", "), last);
  }

  [[nodiscard]] std::uint64_t cpus_on_node() const {
    return std::uint64_t{request_.cpus} * std::max(request_.tasks_per_node, 1U);
  }

  // "partition `short` of site `x`" where the limit is the partition's own, else "site `x`".
  [[nodiscard]] std::string whose(bool own) const {
    const std::string site = fmt::format("site `{}`", workflow_.site.name);
    return own ? fmt::format("partition `{}` of {}", partition_->name, site) : site;
  }
  [[nodiscard]] std::string help(const char* ask, const char* key, bool own) const {
    if (!own) return raise_help(workflow_, ask, key);
    return fmt::format("{}, or name another partition; its `{}` is written in {}:{}",
                       ask,
                       key,
                       partition_->span.known() ? partition_->span.file->name : "",
                       partition_->span.line);
  }

  void check_time() {
    const std::uint64_t limit = limits_of(workflow_.site, partition_).time_s;
    if (limit == 0 || request_.time_s <= limit) return;
    const bool own = partition_ != nullptr && partition_->max_time_s > 0;
    sink_.report(Kind::TimeOverLimit,
                 step_.span,
                 fmt::format("{} requests {}, but {} ends every job after {}",
                             who_,
                             time_text(request_.time_s),
                             whose(own),
                             time_text(limit)),
                 help("request less `time`", "max_time", own));
  }

  void check_memory() {
    const std::uint64_t limit = limits_of(workflow_.site, partition_).mem_mb;
    if (limit == 0 || request_.node_mem_mb <= limit) return;
    const bool own = partition_ != nullptr && partition_->max_mem_mb > 0;
    sink_.report(Kind::MemoryOverLimit,
                 step_.span,
                 fmt::format("{} requests {} MB on a node, but a node of {} has {} MB",
                             who_,
                             request_.node_mem_mb,
                             whose(own),
                             limit),
                 help("request less `mem`", "max_mem", own));
  }

  void check_cpus() {
    const std::uint32_t limit = limits_of(workflow_.site, partition_).cpus;
    if (limit == 0 || cpus_on_node() <= limit) return;
    const bool own = partition_ != nullptr && partition_->max_cpus > 0;
    const bool for_memory = request_.cpus > std::max(step_.spec.resources.cpus, 1U);
    sink_.report(Kind::CpusOverLimit,
                 step_.span,
                 fmt::format("{} requests {} cpus on a node{}, but a node of {} has {}",
                             who_,
                             cpus_on_node(),
                             for_memory ? " (its memory is requested by cpus)" : "",
                             whose(own),
                             limit),
                 help(for_memory ? "request less `mem`" : "request fewer `cpus`", "max_cpus", own));
  }

  void check_nodes() {
    const std::uint32_t limit = limits_of(workflow_.site, partition_).nodes;
    if (limit == 0 || request_.nodes <= limit) return;
    const bool own = partition_ != nullptr && partition_->max_nodes > 0;
    sink_.report(
        Kind::NodesOverLimit,
        step_.span,
        fmt::format("{} requests {} nodes, but {} has {}", who_, request_.nodes, whose(own), limit),
        help("request fewer `nodes`", "max_nodes", own));
  }

  void check_gpus() {
    if (partition_ == nullptr) return;
    const std::string reason = gpu_refusal(*partition_, request_);
    if (!reason.empty())
      report_refusals({{partition_, reason}}, "the partition that it names does not take");
  }

  const Workflow& workflow_;
  const StepDef& step_;
  const JobRequest& request_;
  Sink& sink_;
  std::string who_;
  const Partition* partition_ = nullptr;
};

// Said once for each name: Slurm may well have a partition that its description leaves out.
void check_partition_name(const Workflow& workflow,
                          const Asked& asked,
                          std::set<std::string>& said,
                          Sink& sink) {
  const Site& site = workflow.site;
  if (site.partitions.empty()) return;
  const std::string& names = asked.request.keys.partition;
  const std::vector<const Partition*> named = named_partitions(site, names);
  if (std::find(named.begin(), named.end(), nullptr) == named.end()) return;
  if (!said.insert(names).second) return;
  std::vector<std::string> known;
  for (const Partition& partition : site.partitions) known.push_back(partition.name);
  std::string help = did_you_mean(names, known);
  if (help.empty()) help = fmt::format("there are: {}", fmt::join(known, ", "));
  sink.report(Kind::UnknownPartition,
              workflow.step(asked.steps.front()).span,
              fmt::format("the description of site `{}` has no partition `{}`, so its limits are "
                          "not checked",
                          site.name,
                          names),
              std::move(help));
}

// The step with the most jobs, to point at.
const StepDef& widest(const Workflow& workflow, const wfr::Plan& plan) {
  std::vector<std::uint64_t> jobs(plan.families.size());
  for (const wfr::JobArray& array : plan.arrays) jobs[wfr::index_of(array.family)] += array.size();
  const auto most = std::max_element(jobs.begin(), jobs.end());
  const auto family = static_cast<std::size_t>(most - jobs.begin());
  return workflow.step(plan.families[family].steps.front());
}

// Calls of sbatch that are there whatever the length of arrays: one for each family and pass, and
// one for each depth.
std::uint64_t calls_of_long_arrays(const wfr::Plan& plan) {
  std::uint64_t calls = queue_use(plan).submissions - plan.arrays.size();
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    const wfr::JobArray& array = plan.arrays[a];
    const bool chunk = a > 0 && !array.depth && array.pass == 1 &&
                       plan.arrays[a - 1].family == array.family && plan.arrays[a - 1].pass == 1;
    if (!chunk) ++calls;
  }
  return calls;
}

// How steps share jobs, by what they do not say yet.
std::string share_jobs_help(const Workflow& workflow) {
  const auto all = [&](auto holds) {
    return std::all_of(workflow.order.begin(), workflow.order.end(), [&](StepId id) {
      return holds(workflow.step(id));
    });
  };
  const bool any_fuses = std::any_of(workflow.order.begin(), workflow.order.end(), [&](StepId id) {
    return workflow.step(id).fuse == true;
  });
  const bool all_fuse =
      all([](const StepDef& step) { return step.needs.empty() || step.fuse.value_or(false); });
  const bool fused = workflow.jobs.fuse || (any_fuses && all_fuse);
  const bool placed =
      all([&](const StepDef& step) { return step.job_level || workflow.jobs.per.has_value(); });
  const std::string steps = fmt::format("the workflow has {} steps", workflow.order.size());
  if (!fused && !placed) {
    return steps + ": `fuse = true` in [jobs] lets chains of them share jobs, and so does `per`";
  }
  if (!fused) return steps + ": `fuse = true` in [jobs] lets chains of them share jobs";
  if (!placed) {
    return steps +
           ", and `fuse` cannot join more of them: `per` in [jobs] puts all steps below one "
           "directory of a level into one job";
  }
  return steps +
         ", and neither `fuse` nor `per` can join more of them (`wfc plan --why` says "
         "why): let `per` name a coarser level, or make one step of several";
}

// What makes fewer calls of sbatch, after what has made so many.
std::string fewer_calls_help(const Workflow& workflow, const wfr::Plan& plan) {
  const Site& site = workflow.site;
  const QueueUse most = most_queue_use(site);
  if (calls_of_long_arrays(plan) <= most.submissions) {
    return fmt::format("set `max_array_size` of `[site.{}.limits]` to the cluster's MaxArraySize",
                       site.name);
  }
  const auto count = [&](auto holds) {
    return static_cast<std::uint64_t>(std::count_if(plan.arrays.begin(), plan.arrays.end(), holds));
  };
  const std::uint64_t depths = count([](const wfr::JobArray& array) { return array.depth; });
  if (depths > plan.arrays.size() / 2) {
    return "`pairs` makes an array for each task that waits for one before it: give `pack` or "
           "`target_time`, so that such tasks share jobs";
  }
  const std::uint64_t passes = count([](const wfr::JobArray& array) { return array.repeats(); });
  if (passes > plan.arrays.size() / 2) return "let `retry` grow less often: smaller `times`";
  return share_jobs_help(workflow);
}

void check_counts(const Workflow& workflow, const wfr::Plan& plan, Sink& sink) {
  const Site& site = workflow.site;
  const auto [jobs, scripts] = queue_use(plan);
  const Span span = widest(workflow, plan).span;
  if (site.max_job_count > 0 && jobs > site.max_job_count) {
    sink.report(
        Kind::TooManyJobs,
        span,
        fmt::format("the workflow makes {} jobs, but the controller of site `{}` keeps {} in all "
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
        fmt::format("the workflow makes {} jobs, but site `{}` allows a user {} (MaxSubmitJobs; "
                    "every array task counts)",
                    jobs,
                    site.name,
                    site.max_submit_jobs),
        raise_help(workflow, "split the data's root into several workflows", "max_submit_jobs"));
  }
  if (site.max_submissions > 0 && scripts > site.max_submissions) {
    sink.report(
        Kind::TooManySubmissions,
        span,
        fmt::format("the workflow needs {} sbatch calls, but at most {} are allowed "
                    "(arrays of at most {} on site `{}`)",
                    scripts,
                    site.max_submissions,
                    site.max_array_size,
                    site.name),
        fmt::format("{}raise `max_submissions` of `[site.{}.limits]`",
                    plan.families.size() < 2 ? "" : fewer_calls_help(workflow, plan) + "; or ",
                    site.name));
  }
  if (scripts > kMostNamedJobs) {
    sink.report(Kind::DependencyTooLong,
                span,
                fmt::format("the last job would wait for {} others, more than one argument of a "
                            "command can name",
                            scripts),
                fewer_calls_help(workflow, plan));
  }
}

}  // namespace

QueueUse queue_use(const wfr::Plan& plan) {
  // The verdict, and a job for each finalizer.
  std::uint64_t closing = 1;
  for (const wfr::StepId id : plan.order) {
    if (plan.step(id).finalizer != wfr::FinalizerKind::None) ++closing;
  }
  QueueUse use{closing, plan.arrays.size() + closing};
  for (const wfr::JobArray& array : plan.arrays) use.jobs += array.size();
  return use;
}

QueueUse most_queue_use(const Site& site) {
  const auto bound = [](std::uint64_t limit) {
    return limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit;
  };
  return {std::min(bound(site.max_job_count), bound(site.max_submit_jobs)),
          std::min(bound(site.max_submissions), kMostNamedJobs)};
}

void check_limits(const Workflow& workflow, const wfr::Plan& plan, Sink& sink) {
  std::set<std::string> said;
  const auto check = [&](const Asked& asked) {
    check_partition_name(workflow, asked, said, sink);
    JobCheck(workflow, asked, sink).run();
  };
  for (const wfr::Family& family : plan.families) {
    const StepDef& step = workflow.step(family.steps.front());
    check({family.steps, request_of(workflow.site, family.job, step.slurm)});
  }
  for (const wfr::StepId id : plan.order) {
    const StepDef& step = workflow.step(id);
    if (step.spec.finalizer == wfr::FinalizerKind::None) continue;
    check({{id}, finalizer_request(workflow, id)});
  }
  if (!plan.families.empty()) check_counts(workflow, plan, sink);
}

void check_script(const Workflow& workflow,
                  wfr::StepId step,
                  const std::string& path,
                  std::size_t bytes,
                  Sink& sink) {
  const std::uint64_t most = workflow.site.max_script_size;
  if (bytes <= most) return;
  sink.report(Kind::ScriptTooLong,
              workflow.step(step).span,
              fmt::format("`{}` has {} bytes, but Slurm takes at most {}", path, bytes, most),
              "move the `setup` into a file of its own and source it");
}

}  // namespace wfc
