// What the runtime knows of a step: parsed templates, resources, environment. No per-task data.
#pragma once

#include "runtime/plan/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

enum class PieceKind : std::uint8_t {
  Text,         // as it stands: in `run` it is shell source
  Value,        // a value known at compile time ({params.X}): shell-quoted in `run`
  LevelName,    // {LEVEL}: the name of the task's directory at that level
  LevelDir,     // {LEVEL.dir}: that directory, relative to the task's working directory's root
                // (absolute when run)
  LevelColumn,  // {LEVEL.COLUMN}
  Need,         // {needs.STEP}: outputs of a needed step that agree with this task, one word each
  NeedOutput,   // {needs.STEP.NAME}: only the output of that name
  NeedList,     // {needs.STEP.list}: a file with one path a line (NUL-separated if a path has a
                // newline)
  Inputs,       // {inputs}
  Outputs,      // {outputs}, all; with `output` set: {outputs.NAME}
  Cpus,
  MemMb,
  Scratch,
  Hostfile,
  WorkflowDir,  // {workflow.dir}: the directory of the workflow file, absolute when run
};

struct Piece {
  PieceKind kind = PieceKind::Text;
  std::string text;          // Text, Value
  LevelId level{};           // LevelName, LevelDir, LevelColumn
  std::uint32_t column = 0;  // LevelColumn: index into Level::columns
  std::uint32_t need = 0;    // Need*: index into StepSpec::needs
  std::string output;        // NeedOutput, Outputs: the output's name; Value: the parameter's
};

struct Template {
  std::vector<Piece> pieces;
};

enum class OutputKind : std::uint8_t { File, Directory, Glob };

// A declared output, relative to the task's directory. A template that names levels finer than the
// step's own stands for one output per node of `fan` below the task.
struct OutputSpec {
  std::string name;  // "" when outputs are a plain list
  Template path;     // only Text, Value, LevelName, LevelColumn
  OutputKind kind = OutputKind::File;
  LevelId fan{};           // the finest level named; the step's own level when none is finer
  bool mentioned = false;  // `run`/`argv` says {outputs} (or a kernel writes it): made as a
                           // temporary sibling, renamed in
  bool content = false;    // compare = "content": of its files the content counts, not the time
};

struct InputSpec {
  Template path;  // only Text, Value, LevelName, LevelColumn; relative to the task's directory
  bool glob = false;
  bool content = false;  // as of an output; of one from outside
  // The edge (index into TaskGraph::edges) that makes it, when another step's output is the same;
  // else kNone.
  std::uint32_t made_by_edge = kNone;
};

// A file beside the workflow whose content is part of the key.
struct UseSpec {
  Template path;  // as of an input, but relative to the directory of the workflow file
  bool glob = false;
  // In `uses`: it must be there. Else it is a word of the command, which need not be a file.
  bool listed = true;
};

struct NeedSpec {
  std::string step_name;  // as written, without '?'
  StepId step{};
  std::uint32_t edge =
      kNone;         // into TaskGraph::edges; kNone for an optional need whose step is dropped
  bool data = true;  // `needs`, not `after`
};

enum class CommandKind : std::uint8_t { Kernel, Shell, Argv };
enum class FinalizerKind : std::uint8_t { None, Success, Failure, Always };

enum class FailureKind : std::uint8_t {
  None,
  Exit,
  Signal,
  OutOfMemory,
  Timeout,
  MissingOutput,
  MissingInput,
  Kernel,
  Lost,
  Cancelled,
  Node,
  Occupied,     // something that wfc did not make stands in the place of an output
  NoSpace,      // a disk or a quota was full
  Preparation,  // modules, conda or setup failed, so that the command was not started
};
inline constexpr FailureKind kLastFailureKind = FailureKind::Preparation;

struct RetrySpec {
  std::uint32_t times = 0;
  std::vector<FailureKind> on;  // empty: any failure but Cancelled
  // What a pass has of the one before it, in per cent; 0: the same. See rungs.hpp.
  std::uint32_t mem_percent = 0;
  std::uint32_t time_percent = 0;
};

struct EnvironmentSpec {
  std::map<std::string, std::string> variables;
  std::vector<std::string> modules;
  std::string conda;  // name or path of an environment; "" for none
  std::string setup;  // bash, sourced before the command
  friend bool operator==(const EnvironmentSpec&, const EnvironmentSpec&) = default;
};

struct ResourceSpec {
  std::uint32_t cpus = 1;    // per task of the workflow
  std::uint64_t mem_mb = 0;  // 0: not asked for
  std::uint64_t time_s = 0;  // 0: not asked for
  std::uint32_t nodes = 1;
  std::uint32_t tasks = 0;  // Slurm tasks (--ntasks); 0: not asked for
  std::uint32_t tasks_per_node = 0;
  std::string gpus;  // as written: "1", "a100:2"
};

struct StepSpec {
  std::string name;
  std::string was;
  LevelId each = kRootLevel;  // the root: once
  FinalizerKind finalizer = FinalizerKind::None;

  CommandKind command = CommandKind::Shell;
  std::string kernel;  // CommandKind::Kernel
  std::uint32_t kernel_version = 0;
  std::string params_json;  // complete; string values may be templates, in param_templates
  std::vector<std::pair<std::string, Template>> param_templates;  // JSON key -> per-task text
  Template run;                                                   // CommandKind::Shell
  std::vector<Template>
      argv;  // CommandKind::Argv; a word that is only {needs.S}/{inputs}/{outputs} becomes many

  std::vector<InputSpec> inputs;
  std::vector<OutputSpec> outputs;
  std::vector<UseSpec> uses;
  std::vector<NeedSpec> needs;

  ResourceSpec resources;
  EnvironmentSpec environment;
  RetrySpec retry;
  std::uint64_t timeout_s = 0;  // of one attempt; 0: none
  std::uint32_t limit = 0;      // tasks of this step at once; 0: no limit
  bool scratch_cwd = false;     // cwd = "scratch"
  bool in_scratch = false;      // its outputs are only for its job, and lie in the job's scratch
  bool allow_empty = false;
};

}  // namespace wfr
