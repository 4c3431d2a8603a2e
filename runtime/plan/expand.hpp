// From templates to the words, paths and commands of one task.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/plan.hpp"

namespace wfr {

// One output (or needed output) of one task. `path` is relative to the workflow's root, normalised.
struct OutputPath {
  std::string path;
  std::uint32_t spec = 0;  // index into StepSpec::outputs
  Ordinal node = 0;        // of OutputSpec::fan
};

// The task's directory relative to the root ("." for a step that runs once).
std::string task_directory(const Plan& plan, Task task);
// Expands a template that holds only Text, Value, LevelName and LevelColumn pieces, at a node of a level
// at or below the step's own.
std::string expand_path(const Tree& tree, const Template& path, LevelId level, Ordinal node);
// Every declared output of a task, fan-outs expanded, in declaration order.
std::vector<OutputPath> task_outputs(const Plan& plan, Task task);
// The outputs of one producer that agree with the consumer's own levels: a channel task of a
// session-level producer gets that channel's one file.
std::vector<OutputPath> needed_outputs(const Plan& plan, const NeedSpec& need, Task consumer);
// The input templates expanded, relative to the root; globs are not resolved.
std::vector<std::string> task_inputs(const Plan& plan, Task task);

// 'it'\''s': one word for a POSIX shell, any bytes. Left bare when it is safe as it is.
std::string shell_quote(std::string_view word);

// What only the running task knows.
struct TaskContext {
  std::filesystem::path root;                // absolute
  std::vector<std::string> inputs;           // resolved, in the form the command shall see
  std::vector<std::string> outputs;          // temporary siblings, same order as task_outputs() of mentioned specs
  std::vector<std::string> output_names;     // parallel: the spec's name
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;
  std::string scratch;
  std::string hostfile;
  std::vector<std::string> need_lists;       // by need: the path of its list file, "" if not asked for
};

// The bash source of a `run` step for this task: every value quoted. `-u` and pipefail are the runner's.
std::string expand_run(const Plan& plan, Task task, const TaskContext& context);
// The words of an `argv` step.
std::vector<std::string> expand_argv(const Plan& plan, Task task, const TaskContext& context);
// The parameters of a kernel step as JSON text, per-task templates expanded.
std::string expand_params(const Plan& plan, Task task, const TaskContext& context);

}  // namespace wfr
