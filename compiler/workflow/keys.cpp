// The tables of the language, but for what a step, [defaults] and a site share.
#include "compiler/workflow/keys.hpp"

#include <algorithm>

namespace wfc {
namespace {

std::vector<KeySpec> joined(std::vector<KeySpec> keys, const std::vector<KeySpec>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

// A site says how its machines are asked, which is not what a step asks for.
std::vector<KeySpec> common_keys_of_a_site() {
  std::vector<KeySpec> keys = common_keys();
  keys.erase(std::remove_if(keys.begin(),
                            keys.end(),
                            [](const KeySpec& key) {
                              return key.name == "gpus" || key.name == "mem_per_cpu";
                            }),
             keys.end());
  return keys;
}

// Of a step and of [defaults]; a site does not know what commands name.
KeySpec cwd_key() {
  return {.name = "cwd",
          .shape = Shape::Text,
          .help = "where the command runs: in the task's directory, or in a directory of its own",
          .choices = {"task", "scratch"}};
}

}  // namespace

const KeySpec* TableSpec::find(std::string_view key) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [key](const KeySpec& k) { return k.name == key; });
  return found == keys.end() ? nullptr : &*found;
}

const TableSpec& document_keys() {
  static const TableSpec spec{
      "the workflow file",
      {{.name = "workflow",
        .shape = Shape::Table,
        .help = "the workflow's name and where its data are",
        .table = &workflow_keys(),
        .required = true},
       {"params",
        Shape::Params,
        "parameters, typed by their defaults; --set NAME=VALUE changes them"},
       {.name = "level",
        .shape = Shape::TableList,
        .help = "a level of the directory hierarchy, coarse to fine",
        .table = &level_keys()},
       {.name = "defaults",
        .shape = Shape::Table,
        .help = "what holds for every step that does not say otherwise",
        .table = &defaults_keys()},
       {.name = "step",
        .shape = Shape::TableList,
        .help = "a command or kernel that is run for each directory of a level",
        .table = &step_keys(),
        .required = true},
       {.name = "jobs",
        .shape = Shape::Table,
        .help = "how tasks are put into Slurm jobs",
        .table = &jobs_keys()},
       {.name = "site",
        .shape = Shape::TableMap,
        .help = "what differs between machines",
        .table = &site_keys()}}};
  return spec;
}

const TableSpec& workflow_keys() {
  static const TableSpec spec{
      "`[workflow]`",
      {{.name = "name", .help = "name of the workflow", .required = true},
       {.name = "root", .help = "directory of the data, relative to the workflow file"},
       {.name = "site", .help = "the site to compile for when --site is not given"},
       {.name = "compare",
        .shape = Shape::Text,
        .help = "what tells that a file has changed: its time, or its content",
        .choices = {"time", "content"}},
       {.name = "mail",
        .shape = Shape::Table,
        .help = "one message when a run under Slurm has ended",
        .table = &mail_keys()}}};
  return spec;
}

const TableSpec& mail_keys() {
  static const TableSpec spec{
      "`mail`",
      {{.name = "to", .help = "address that gets the message", .required = true},
       {.name = "on",
        .shape = Shape::TextOrList,
        .help =
            "\"end\": however the run ends, as when left out; \"failure\": if a task is not done",
        .choices = {"end", "failure"}}}};
  return spec;
}

const TableSpec& level_keys() {
  static const TableSpec spec{
      "a level",
      {{.name = "name", .help = "name of the level", .required = true},
       {"match", Shape::Text, "names of directories on disk: a glob, or /regex/"},
       {"values", Shape::TextOrList, "names, with ranges such as \"channel{001..124}\""},
       {"file", Shape::Text, "sample sheet with the names: lines, or a CSV with `column`"},
       {"column", Shape::Text, "column of the CSV that holds the names"},
       {"only", Shape::TextOrList, "keep only names that match: globs or /regex/"},
       {"exclude", Shape::TextOrList, "leave out names that match: globs or /regex/"},
       {"under", Shape::Text, "the level above; the level before when left out, or \"root\""},
       {"made_by", Shape::Text, "the step that makes these directories"}}};
  return spec;
}

const TableSpec& need_keys() {
  static const TableSpec spec{
      "an entry of `needs`",
      {{.name = "step", .help = "the step that is needed", .required = true},
       {"via", Shape::Text, "the level below whose directories all tasks are needed"},
       {"optional", Shape::Flag, "whether only this need goes when the step is left out"},
       {"pairs", Shape::Text, "CSV with the columns `from` and `to`: which task needs which"}}};
  return spec;
}

const TableSpec& path_keys() {
  static const TableSpec spec{
      "an entry of `inputs` or `outputs`",
      {{.name = "path", .help = "the file, relative to the task's directory", .required = true},
       {.name = "compare",
        .shape = Shape::Text,
        .help = "what tells that the file has changed: its time, or its content",
        .choices = {"time", "content"}}}};
  return spec;
}

const TableSpec& step_keys() {
  static const TableSpec spec{
      "a step",
      joined({{.name = "name", .help = "name of the step", .required = true},
              {"was", Shape::Text, "former name: finished work is carried over"},
              {"each", Shape::Text, "level: one task per directory; once when left out"},
              {.name = "on",
               .shape = Shape::Text,
               .help = "runs once after everything else: a finalizer",
               .choices = {"success", "failure", "always"}},
              {"kernel", Shape::Text, "built-in kernel (`wfc kernels`)"},
              {"params", Shape::KernelParams, "parameters of the kernel"},
              {"run", Shape::Text, "bash command, with placeholders"},
              {"argv", Shape::TextList, "words of a command that is run without a shell"},
              {.name = "inputs",
               .shape = Shape::Paths,
               .help = "files that are read, relative to the task's directory",
               .table = &path_keys()},
              {.name = "outputs",
               .shape = Shape::NamedPaths,
               .help = "files that are made, relative to the task's directory",
               .table = &path_keys()},
              {"uses",
               Shape::TextList,
               "files beside the workflow, as scripts: the step runs again when one changes"},
              {.name = "needs",
               .shape = Shape::Needs,
               .help = "steps whose outputs are read",
               .table = &need_keys()},
              {.name = "after",
               .shape = Shape::Needs,
               .help = "steps that come before, without data",
               .table = &need_keys()},
              {"when", Shape::Condition, "whether the step is part of the workflow"},
              {"where", Shape::Where, "keep only directories whose names match, by level"},
              {"pairs",
               Shape::Text,
               "CSV with the columns `from` and `to`: which task of this step needs which"},
              cwd_key(),
              {"allow_empty", Shape::Flag, "whether a gather over nothing may run"}},
             common_keys())};
  return spec;
}

const TableSpec& defaults_keys() {
  static const TableSpec spec{"`[defaults]`", joined({cwd_key()}, common_keys())};
  return spec;
}

const TableSpec& jobs_keys() {
  static const TableSpec spec{
      "`[jobs]`",
      {{"per", Shape::Text, "level: one job runs all tasks below one of its directories"},
       {"split", Shape::Text, "level: one job array for each of its directories"},
       {"pack", Shape::Count, "directories in one job"},
       {"target_time", Shape::Time, "how long a job should take: packs directories until it does"},
       {"fuse", Shape::Flag, "whether chains of steps of one level share a job"},
       {"cpus", Shape::Count, "cpus of a job that runs several tasks"},
       {"mem", Shape::Memory, "memory of a job that runs several tasks"},
       {"time", Shape::Time, "time limit of a job that runs several tasks"}}};
  return spec;
}

const TableSpec& limits_keys() {
  static const TableSpec spec{
      "`limits` of a site",
      {{"max_array_size", Shape::Count, "MaxArraySize: the highest index is one less"},
       {"max_job_count", Shape::Count, "MaxJobCount: jobs in the queue, each array element counts"},
       {"max_submit_jobs", Shape::Count, "MaxSubmitJobs of the user or account"},
       {"max_submissions", Shape::Count, "sbatch calls that one workflow may make"},
       {"max_time", Shape::Time, "longest time limit"},
       {"max_mem", Shape::Memory, "memory of the largest node"},
       {"max_cpus", Shape::Count, "cpus of the largest node"},
       {"max_nodes", Shape::Count, "nodes of one job"},
       {"correspond_after_task_cnt",
        Shape::Count,
        "correspond_after_task_cnt of SchedulerParameters: indices that aftercorr looks at"},
       {"batch_sched_delay",
        Shape::Natural,
        "batch_sched_delay of SchedulerParameters: seconds between two looks at the queue"},
       {"bf_interval",
        Shape::Count,
        "bf_interval of SchedulerParameters: seconds between two runs of the backfill"},
       {"max_script_size",
        Shape::Count,
        "max_script_size of SchedulerParameters: bytes of a job script"}}};
  return spec;
}

const TableSpec& partition_keys() {
  static const TableSpec spec{
      "a partition",
      {{"default", Shape::Flag, "whether jobs that name no partition go there"},
       {"max_time", Shape::Time, "MaxTime: longest time limit"},
       {"max_mem", Shape::Memory, "memory of its largest node, or MaxMemPerNode"},
       {"max_cpus", Shape::Count, "cpus of its largest node, or MaxCPUsPerNode"},
       {"max_nodes", Shape::Count, "MaxNodes: nodes of one job"},
       {"gpus", Shape::TextList, "GPUs of a node, as \"a100:4\"; an empty list: it has none"}}};
  return spec;
}

// GPUs are for tasks.
const TableSpec& verdict_keys() {
  static const TableSpec spec{
      "`verdict` of a site", [] {
        std::vector<KeySpec> keys = slurm_keys();
        keys.erase(std::find_if(
            keys.begin(), keys.end(), [](const KeySpec& key) { return key.name == "gpus"; }));
        return keys;
      }()};
  return spec;
}

const TableSpec& site_keys() {
  static const TableSpec spec{
      "a site",
      joined({{.name = "memory",
               .shape = Shape::Text,
               .help = "how memory is asked for",
               .choices = {"mem", "per_cpu", "cpus", "none"}},
              {"mem_per_cpu", Shape::Memory, "memory that comes with one cpu"},
              {.name = "gpus",
               .shape = Shape::Text,
               .help = "how GPUs are asked for: --gpus=N or --gres=gpu:N",
               .choices = {"gpus", "gres"}},
              {"export", Shape::Text, "value of --export; NONE when left out"},
              {"settle",
               Shape::Seconds,
               "how long to wait for a file that a task on another node has made; 30 s"},
              {"price", Shape::Amount, "price of a core-hour, for `wfc plan`"},
              {.name = "limits",
               .shape = Shape::Table,
               .help = "limits that are checked before anything is written",
               .table = &limits_keys()},
              {.name = "partitions",
               .shape = Shape::TableMap,
               .help = "what each partition takes: the right one is chosen when none is named",
               .table = &partition_keys()},
              {.name = "verdict",
               .shape = Shape::Table,
               .help = "what the verdict's job and the finalizers ask for, over the site's keys",
               .table = &verdict_keys()}},
             common_keys_of_a_site())};
  return spec;
}

}  // namespace wfc
