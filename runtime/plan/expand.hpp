// From templates to the words, paths and commands of one task.
#pragma once

#include "runtime/files/read_file.hpp"
#include "runtime/plan/plan.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// A command that cannot be made: too long, or one word for many paths. The text is for a person.
class ExpandError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One output (or needed output) of one task. `path` is relative to the workflow's root, normalised.
// Of an OutputKind::Glob it is a pattern for resolve_glob(), in which the names of directories are
// escaped.
struct OutputPath {
  std::string path;
  std::uint32_t spec = 0;  // index into StepSpec::outputs
  Ordinal node = 0;        // of OutputSpec::fan
  Task task;               // whose output it is
};

// The task's directory relative to the root ("." for a step that runs once).
std::string task_directory(const Plan& plan, Task task);
// Expands a template that holds only Text, Value, LevelName and LevelColumn pieces, at a node of a
// level at or below the step's own.
std::string expand_path(const Tree& tree, const Template& path, LevelId level, Ordinal node);
// Every declared output of a task, fan-outs expanded, in declaration order.
std::vector<OutputPath> task_outputs(const Plan& plan, Task task);
// The outputs of one producer that agree with the consumer's own levels: a channel task of a
// session-level producer gets that channel's one file. Of an edge with a wider `via`: everything
// below it.
std::vector<OutputPath> needed_outputs(const Plan& plan, const NeedSpec& need, Task consumer);
// The same one after the other, in no more memory for a million of them, until `use` returns false.
void visit_needed_outputs(const Plan& plan,
                          const NeedSpec& need,
                          Task consumer,
                          const std::function<bool(const OutputPath&)>& use);
// The input templates expanded, relative to the root; of an input with `glob` set, a pattern for
// resolve_glob().
std::vector<std::string> task_inputs(const Plan& plan, Task task);
// The same of a file that a step uses: relative to the workflow's directory. `level`: the step's.
std::string expand_use(const Tree& tree, const UseSpec& use, LevelId level, Ordinal node);
// Why something may be missing among what matches.
struct GlobTrouble {
  // Of a directory on the way that is there and cannot be read; ELOOP when links lead to the same
  // directories again and again; 0: none.
  int error = 0;
  std::optional<ForeignLink> link;  // the first that was not followed
};
// What matches a pattern now, bytewise sorted, relative to `root` as the pattern is (or absolute as
// it is). Hidden files match only a pattern that says the dot. A component `**` stands for any
// number of directories, none included, but for hidden ones and links; at the end of a pattern
// for every file below. A directory is not looked at again within itself, and not through a foreign
// link (see read_file.hpp) that is not part of `root`.
std::vector<std::string> resolve_glob(const std::filesystem::path& root,
                                      const std::string& pattern,
                                      GlobTrouble* trouble = nullptr);
// The same of an input: nothing in `out` matches. Both directories absolute and physical.
std::vector<std::string> resolve_input_glob(const std::filesystem::path& root,
                                            const std::string& pattern,
                                            const std::filesystem::path& out,
                                            GlobTrouble* trouble = nullptr);
// Whether resolve_glob() would find `path`, which is relative as the pattern is, if it were there.
bool pattern_matches(std::string_view pattern, std::string_view path);
// What a glob output stands for: what its task has made, relative to its root, as its record tells.
// nullopt where no record does; then it is what matches now.
using MadeByGlob = std::function<std::optional<std::vector<std::string>>(const OutputPath& output)>;

// 'it'\''s': one word for a POSIX shell, any bytes. Left bare when it is safe as it is.
std::string shell_quote(std::string_view word);

// What only the running task knows.
struct TaskContext {
  std::filesystem::path root;  // absolute
  std::filesystem::path out;   // absolute: no glob of an input finds anything in it
  std::string job_scratch;  // where outputs of steps with `in_scratch` are instead; "": not known,
                            // and nobody looks for them
  std::vector<std::string> inputs;  // resolved, in the form the command shall see
  std::vector<std::string>
      outputs;  // temporary siblings, same order as task_outputs() of mentioned specs
  std::vector<std::string> output_names;  // parallel: the spec's name
  std::uint32_t cpus = 1;
  std::uint64_t mem_mb = 0;
  std::string scratch;
  std::string hostfile;
  std::string workflow_dir;             // absolute
  bool starting = false;                // no input may be reached by a foreign link
  MadeByGlob made;                      // empty: what matches now
  std::vector<std::string> need_lists;  // by need: the path of its list file, "" if not asked for
  std::string input_list;               // the path of {inputs.list}, "" if not asked for
};

// A path relative to the root (or absolute) in the form the command of this task shall see:
// relative to its working directory when it lies below it ("./" before a leading dash), absolute
// otherwise and with cwd = "scratch".
std::string command_path(const Plan& plan,
                         Task task,
                         const TaskContext& context,
                         const std::string& path);
// {needs.STEP} in that form, globs resolved; with `output` set only the outputs of that name.
std::vector<std::string> needed_paths(const Plan& plan,
                                      Task task,
                                      std::uint32_t need,
                                      const TaskContext& context,
                                      const std::string* output);
// Whether the command says {needs.STEP.list}; then the runner writes need_list() to a file and puts
// its path into TaskContext::need_lists.
bool asks_for_list(const StepSpec& step, std::uint32_t need);
// One path a line; each ended by a NUL instead when a path has a newline in it.
std::string need_list(const Plan& plan, Task task, std::uint32_t need, const TaskContext& context);

// {inputs.list}, and the text of such a file.
bool is_input_list(const Piece& piece);
std::string path_list(const std::vector<std::string>& paths);

// Bytes: the kernel takes 128 KiB for one word, its NUL included (MAX_ARG_STRLEN), and the runner
// puts `set -u` and its like before a `run`; the words of an `argv` and the environment together
// are at most 6 MiB whatever the limits of a process are (3/4 of _STK_LIM), each with its pointer.
inline constexpr std::size_t kLongestWord = std::size_t{128} * 1024 - 1;
inline constexpr std::size_t kLongestRun = kLongestWord - 4096;
inline constexpr std::size_t kLongestArgv = std::size_t{6} * 1024 * 1024;
// The bash source of a `run` step for this task: every value quoted. `-u` and pipefail are the
// runner's. Throws ExpandError beyond kLongestRun.
std::string expand_run(const Plan& plan, Task task, const TaskContext& context);
// The words of an `argv` step. Throws ExpandError.
std::vector<std::string> expand_argv(const Plan& plan, Task task, const TaskContext& context);
// The parameters of a kernel step as JSON text, per-task templates expanded.
std::string expand_params(const Plan& plan, Task task, const TaskContext& context);

}  // namespace wfr
