// What the verdict's job and the finalizers ask for, and that all jobs are for one cluster.
#include "compiler/workflow/layers.hpp"
#include "compiler/workflow/resources.hpp"
#include "compiler/workflow/site_limits.hpp"
#include "compiler/workflow/slurm_keys.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

std::vector<StepId> ordinary_steps(const Workflow& workflow) {
  std::vector<StepId> steps;
  for (const StepId id : workflow.order) {
    if (workflow.step(id).spec.finalizer == wfr::FinalizerKind::None) steps.push_back(id);
  }
  return steps;
}

template <class Which>
void remove_options(SlurmKeys& keys, const Which& which) {
  keys.sbatch.erase(std::remove_if(keys.sbatch.begin(), keys.sbatch.end(), which),
                    keys.sbatch.end());
}

// What every one of the steps asks for in the same words.
SlurmKeys shared_keys(const Workflow& workflow, const std::vector<StepId>& steps) {
  if (steps.empty()) return {};
  SlurmKeys shared = workflow.step(steps.front()).slurm;
  shared.begin.clear();
  shared.exclusive = false;
  shared.mem_per_cpu_mb = 0;
  for (const StepId id : steps) {
    const SlurmKeys& keys = workflow.step(id).slurm;
    for (const auto key : {&SlurmKeys::partition,
                           &SlurmKeys::account,
                           &SlurmKeys::qos,
                           &SlurmKeys::constraint,
                           &SlurmKeys::reservation,
                           &SlurmKeys::exclude,
                           &SlurmKeys::nodelist,
                           &SlurmKeys::licenses}) {
      if (shared.*key != keys.*key) (shared.*key).clear();
    }
    if (shared.nice != keys.nice) shared.nice.reset();
    remove_options(shared, [&](const std::string& option) {
      return std::find(keys.sbatch.begin(), keys.sbatch.end(), option) == keys.sbatch.end();
    });
  }
  return shared;
}

void fill(SlurmKeys& keys, const SlurmKeys& shared) {
  for (const auto key : {&SlurmKeys::partition,
                         &SlurmKeys::account,
                         &SlurmKeys::qos,
                         &SlurmKeys::constraint,
                         &SlurmKeys::reservation,
                         &SlurmKeys::exclude,
                         &SlurmKeys::nodelist,
                         &SlurmKeys::licenses}) {
    if ((keys.*key).empty()) keys.*key = shared.*key;
  }
  if (!keys.nice) keys.nice = shared.nice;
  if (keys.sbatch.empty()) keys.sbatch = shared.sbatch;
}

// Options that say how large the tasks' jobs are, which the verdict is not.
bool is_a_size(const std::string& option) {
  const std::string name = option_name(option);
  return asks_for_gpus(option) || name.starts_with("mem-per-") || name.starts_with("gpu-") ||
         name.starts_with("ntasks-per-") || name.starts_with("tres-per-") || name == "tmp" ||
         name == "mincpus" || name == "use-min-nodes" || name == "cores-per-socket" ||
         name == "sockets-per-node";
}

bool has_gpus(const Partition& partition) {
  return partition.gpus.has_value() && !partition.gpus->empty();
}

// A partition for GPUs is given up where the site has another one: the right one is chosen later.
void leave_gpu_partition(const Site& site, SlurmKeys& keys) {
  const std::vector<const Partition*> named = named_partitions(site, keys.partition);
  const bool all_gpus =
      !named.empty() && std::all_of(named.begin(), named.end(), [](const Partition* partition) {
        return partition != nullptr && has_gpus(*partition);
      });
  const bool others = std::any_of(site.partitions.begin(),
                                  site.partitions.end(),
                                  [](const Partition& partition) { return !has_gpus(partition); });
  if (all_gpus && others) keys.partition.clear();
}

// The option of sbatch that names a cluster; "" for none.
std::string cluster_option(const SlurmKeys& keys) {
  const auto found = std::find_if(keys.sbatch.begin(), keys.sbatch.end(), [](const auto& option) {
    return option_name(option) == "clusters";
  });
  return found == keys.sbatch.end() ? std::string() : *found;
}

std::string cluster_text(const std::string& cluster) {
  return cluster.empty() ? "names no cluster" : fmt::format("is for cluster `{}`", cluster);
}

// Where a step says it, else the step itself.
Span cluster_span(const Context& context, StepId id) {
  const Layers layers(context, context.step_tables[wfr::index_of(id)]);
  const std::string own = cluster_option(context.workflow.step(id).slurm);
  if (const ast::Entry* entry = layers.find("sbatch")) {
    for (const ast::Value* value : texts_of(entry->value)) {
      if (*as_text(*value) == own) return value->span;
    }
  }
  return context.workflow.step(id).name_span;
}

// Slurm's dependencies hold within one cluster.
void check_clusters(Context& context) {
  const Workflow& workflow = context.workflow;
  constexpr const char* kHelp =
      "a job can only wait for jobs of its own cluster: name one cluster for all, as "
      "sbatch = [\"--clusters=NAME\"] in [defaults] or in the site";
  std::optional<std::string> first;
  for (const StepId id : workflow.order) {
    const StepDef& step = workflow.step(id);
    const std::string cluster = option_value(cluster_option(step.slurm));
    if (cluster.find(',') != std::string::npos) {
      context.report(Kind::ClustersDiffer,
                     cluster_span(context, id),
                     fmt::format("`{}` lets Slurm choose a cluster for each job", cluster),
                     kHelp);
      return;
    }
    if (!first) first = cluster;
    if (*first == cluster) continue;
    const StepId front = workflow.order.front();
    context.report({Kind::ClustersDiffer,
                    cluster_span(context, id),
                    fmt::format("step `{}` {}, step `{}` {}",
                                step.spec.name,
                                cluster_text(cluster),
                                workflow.step(front).spec.name,
                                cluster_text(*first)),
                    kHelp,
                    {{cluster_span(context, front), "the other cluster"}}});
    return;
  }
}

void resolve_verdict(Context& context, const SlurmKeys& shared, bool all_have_tasks) {
  const Workflow& workflow = context.workflow;
  const Layers layers = Layers::of_verdict(context, true);
  const Layers own = Layers::of_verdict(context, false);
  SlurmKeys keys = read_slurm_keys(context, layers);
  fill(keys, shared);
  if (own.find("partition") == nullptr) leave_gpu_partition(workflow.site, keys);
  if (own.find("sbatch") == nullptr) remove_options(keys, is_a_size);
  if (own.find("exclusive") == nullptr) keys.exclusive = false;
  const std::string cluster = cluster_option(shared);
  if (!cluster.empty() && cluster_option(keys).empty()) keys.sbatch.push_back(cluster);
  if (!workflow.mail.to.empty()) {
    // One message: that of the run.
    remove_options(
        keys, [](const std::string& option) { return option_name(option).starts_with("mail-"); });
  }
  ClosingDef& closing = context.workflow.closing;
  read_size(context, own, keys, closing.asked);
  take_scratch(own, keys);
  if (all_have_tasks && closing.asked.tasks == 0) closing.asked.tasks = 1;
  closing.slurm = std::move(keys);
}

}  // namespace

void resolve_closing(Context& context) {
  Workflow& workflow = context.workflow;
  const std::vector<StepId> steps = ordinary_steps(workflow);
  SlurmKeys shared = shared_keys(workflow, steps);
  remove_options(shared, is_a_size);
  const bool tasks = !steps.empty() && std::all_of(steps.begin(), steps.end(), [&](StepId id) {
    return workflow.step(id).spec.resources.tasks > 0;
  });
  resolve_verdict(context, shared, tasks);
  for (const StepId id : workflow.order) {
    StepDef& step = workflow.steps[wfr::index_of(id)];
    if (step.spec.finalizer == wfr::FinalizerKind::None) continue;
    const Layers layers(context, context.step_tables[wfr::index_of(id)]);
    const bool own_partition = layers.rank("partition") <= context.verdict_tables.size();
    fill(step.slurm, shared);
    if (!own_partition && step.spec.resources.gpus.empty()) {
      leave_gpu_partition(workflow.site, step.slurm);
    }
    if (tasks && step.spec.resources.tasks == 0) step.spec.resources.tasks = 1;
  }
  check_clusters(context);
}

}  // namespace wfc
