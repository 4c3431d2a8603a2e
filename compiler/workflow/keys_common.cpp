// The keys of resources and environments, which a step, [defaults] and a site share.
#include "compiler/workflow/keys.hpp"

namespace wfc {
namespace {

std::vector<KeySpec> environment_keys() {
  return {
      {"env", Shape::Variables, "environment variables"},
      {"modules", Shape::TextOrList, "environment modules to load"},
      {"conda", Shape::Text, "conda environment to activate: a name or a path"},
      {.name = "container",
       .shape = Shape::Text,
       .help = "container image to run in",
       .instead = "start the container in `run`, as `apptainer exec IMAGE COMMAND`"},
      {"setup", Shape::Text, "bash that is sourced before the command"},
  };
}

std::vector<KeySpec> execution_keys() {
  return {
      {.name = "retry",
       .shape = Shape::Table,
       .help = "what to do after a failure",
       .table = &retry_keys()},
      {"timeout", Shape::Time, "time limit of one attempt, kept by wfr"},
      {"limit", Shape::Count, "tasks of the step that may run at once"},
      {"scratch", Shape::Memory, "space on the node's own disk (--tmp)"},
      {"temp",
       Shape::Flag,
       "whether its outputs are only for steps in the same job, and kept on the node's own disk"},
      {.name = "stage",
       .shape = Shape::TextList,
       .help = "inputs that are copied to the node's own disk first",
       .instead = "copy to `{scratch}` at the beginning of `run`"},
      {"job", Shape::Text, "level: one job runs the tasks below one of its directories"},
      {"pack", Shape::Count, "directories in one job"},
      {"target_time", Shape::Time, "how long a job should take: packs directories until it does"},
      {"fuse", Shape::Flag, "whether the step runs in the job of the step that it needs"},
      {"estimate", Shape::Time, "how long one task is expected to take"},
      {"rate", Shape::Memory, "how much of its inputs a task gets through in a second"},
  };
}

}  // namespace

std::vector<KeySpec> slurm_keys() {
  return {
      {"cpus", Shape::Count, "cpus of one task (--cpus-per-task)"},
      {"mem", Shape::Memory, "memory of one task (--mem), as \"4G\" or megabytes"},
      {"mem_per_cpu", Shape::Memory, "memory of one cpu (--mem-per-cpu), instead of `mem`"},
      {"time", Shape::Time, R"(time limit of one task, as "1h30m", "1-12:00:00" or minutes)"},
      {"gpus", Shape::Gpus, "GPUs of one task, as 1 or \"a100:2\""},
      {"nodes", Shape::Count, "nodes of one task (--nodes)"},
      {"tasks", Shape::Count, "Slurm tasks (MPI ranks) of one task (--ntasks)"},
      {"tasks_per_node", Shape::Count, "Slurm tasks on one node (--ntasks-per-node)"},
      {"partition", Shape::Text, "partition"},
      {"account", Shape::Text, "account that pays"},
      {"qos", Shape::Text, "quality of service"},
      {"constraint", Shape::Text, "features that a node must have"},
      {"reservation", Shape::Text, "reservation"},
      {"exclude", Shape::TextOrList, "nodes not to use"},
      {"nodelist", Shape::TextOrList, "nodes to use"},
      {"licenses", Shape::TextOrList, "licenses, as \"matlab:1\""},
      {"exclusive", Shape::Flag, "whole nodes"},
      {"nice", Shape::Integer, "lowers the priority by this much"},
      {"begin", Shape::Text, R"(earliest start, as "now+1hour" or "2026-01-31T08:00")"},
      {"sbatch", Shape::TextList, "further options of sbatch, as they are"},
  };
}

std::vector<KeySpec> common_keys() {
  std::vector<KeySpec> keys = slurm_keys();
  for (const auto& more : {environment_keys(), execution_keys()}) {
    keys.insert(keys.end(), more.begin(), more.end());
  }
  return keys;
}

const TableSpec& retry_keys() {
  static const TableSpec spec{
      "`retry`",
      {{"times", Shape::Natural, "further attempts after the first"},
       {.name = "on",
        .shape = Shape::TextOrList,
        .help = "failures after which to try again; all when left out",
        .choices = {"exit",
                    "signal",
                    "oom",
                    "timeout",
                    "missing_output",
                    "missing_input",
                    "kernel",
                    "lost",
                    "node_fail",
                    "no_space"}},
       {.name = "mem", .shape = Shape::Growth, .help = "memory of a further attempt, as \"x2\""},
       {.name = "time",
        .shape = Shape::Growth,
        .help = "time limit of a further attempt, as \"x2\""}}};
  return spec;
}

}  // namespace wfc
