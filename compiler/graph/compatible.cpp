// Compares what a job has only one of.
#include "compiler/graph/compatible.hpp"

namespace wfc {
namespace {

std::string environment_difference(const wfr::EnvironmentSpec& a, const wfr::EnvironmentSpec& b) {
  if (a.modules != b.modules) return "`modules`";
  if (a.conda != b.conda) return "`conda`";
  if (a.setup != b.setup) return "`setup`";
  // wfr gives each task its own variables; but what the script prepares may read them.
  const bool prepared = !a.modules.empty() || !a.conda.empty() || !a.setup.empty();
  return prepared && a.variables != b.variables ? "`env`" : "";
}

std::string node_difference(const wfr::ResourceSpec& a, const wfr::ResourceSpec& b) {
  if (a.nodes != b.nodes) return "`nodes`";
  if (a.tasks != b.tasks) return "`tasks`";
  if (a.tasks_per_node != b.tasks_per_node) return "`tasks_per_node`";
  return a.gpus == b.gpus ? "" : "`gpus`";
}

std::string slurm_difference(const SlurmKeys& a, const SlurmKeys& b) {
  if (a.partition != b.partition) return "`partition`";
  if (a.account != b.account) return "`account`";
  if (a.qos != b.qos) return "`qos`";
  if (a.constraint != b.constraint) return "`constraint`";
  if (a.reservation != b.reservation) return "`reservation`";
  if (a.exclude != b.exclude) return "`exclude`";
  if (a.nodelist != b.nodelist) return "`nodelist`";
  if (a.licenses != b.licenses) return "`licenses`";
  if (a.begin != b.begin) return "`begin`";
  if (a.nice != b.nice) return "`nice`";
  if (a.exclusive != b.exclusive) return "`exclusive`";
  return a.sbatch == b.sbatch ? "" : "`sbatch` or `scratch`";
}

std::string packing_difference(const JobsDef& jobs, const StepDef& a, const StepDef& b) {
  const auto asked = [&](const StepDef& step) {
    const bool own = step.pack.has_value() || step.target_time_s.has_value();
    return own ? std::pair(step.pack.value_or(0), step.target_time_s.value_or(0))
               : std::pair(jobs.pack, jobs.target_time_s);
  };
  return asked(a) == asked(b) ? "" : "`pack` or `target_time`";
}

}  // namespace

std::string what_differs(const Workflow& workflow, const StepDef& a, const StepDef& b) {
  std::string difference = environment_difference(a.spec.environment, b.spec.environment);
  if (difference.empty()) difference = node_difference(a.spec.resources, b.spec.resources);
  if (difference.empty()) difference = slurm_difference(a.slurm, b.slurm);
  if (difference.empty()) difference = packing_difference(workflow.jobs, a, b);
  return difference;
}

bool wants_whole_job(const wfr::ResourceSpec& resources) {
  return resources.nodes > 1 || resources.tasks > 0 || resources.tasks_per_node > 0 ||
         !resources.gpus.empty();
}

}  // namespace wfc
