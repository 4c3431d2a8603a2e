// From a task to the process or the kernel call that does it.
#include "runtime/run/attempt.hpp"

#include "runtime/plan/any_piece.hpp"
#include "runtime/plan/secret.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/simple_command.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool says_scratch(const StepSpec& step) {
  return step.scratch_cwd ||
         any_piece(step, [](const Piece& piece) { return piece.kind == PieceKind::Scratch; });
}

// Lists and host files lie in the task's scratch directory and go with it.
bool wants_scratch(const StepSpec& step) {
  return says_scratch(step) || any_piece(step, [](const Piece& piece) {
           return piece.kind == PieceKind::NeedList || piece.kind == PieceKind::Hostfile ||
                  is_input_list(piece);
         });
}

void write_file(const std::string& path, const std::string& bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) fail("cannot write `" + path + "`");
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = write(fd, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      close(fd);
      fail("cannot write `" + path + "`");
    }
    done += static_cast<std::size_t>(put);
  }
  close(fd);
}

// Strict mode is given as options, so that bash can exec a last command without a fork. BASH_ENV is
// read before the command and is not written for `-u`: with it, strict mode starts after it.
std::vector<std::string> bash_words(const std::string& source,
                                    const Environment& environment,
                                    bool secret) {
  if (secret) {
    return {"bash", "--noprofile", "--norc", "+ax", "-euo", "pipefail", "-c", source};
  }
  const std::optional<std::string> startup = value_of(environment, "BASH_ENV");
  if (startup && !startup->empty()) {
    return {"bash", "--noprofile", "--norc", "-c", "set -euo pipefail\n" + source};
  }
  return {"bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", source};
}

bool has_functions(const Environment& environment) {
  return std::any_of(environment.begin(), environment.end(), [](const std::string& variable) {
    return variable.compare(0, 10, "BASH_FUNC_") == 0;
  });
}

}  // namespace

AttemptMaker::AttemptMaker(const Plan& plan,
                           JobPlaces places,
                           bool prepare_environment,
                           SpareDirectories* spares)
    : plan_(plan), places_(std::move(places)), environments_(prepare_environment), spares_(spares) {
  for (const StepSpec& step : plan.steps) {
    wants_scratch_.push_back(wants_scratch(step));
    says_scratch_.push_back(says_scratch(step));
  }
}

std::string AttemptMaker::directory(Task task) const {
  return below(places_.root, task_directory(plan_, task));
}

TaskContext AttemptMaker::context(Task task, std::uint32_t cpus) const {
  TaskContext context;
  context.root = places_.root;
  context.out = std::filesystem::path(places_.failed).parent_path();
  context.job_scratch = places_.job_scratch;
  context.workflow_dir = places_.workflow_dir;
  context.cpus = cpus;
  context.mem_mb = plan_.step(task.step).resources.mem_mb;
  return context;
}

void AttemptMaker::prepare_scratch(Attempt& attempt, TaskContext& context) {
  if (!wants_scratch_[index_of(attempt.task.step)]) return;
  attempt.scratch = make_scratch(fmt::format("{}/wfr-{}", places_.scratch_base, getpid()));
  context.scratch = attempt.scratch;
  const bool hosts = any_piece(plan_.step(attempt.task.step), [](const Piece& piece) {
    return piece.kind == PieceKind::Hostfile;
  });
  if (hosts) {
    context.hostfile = attempt.scratch + "/.hosts";
    write_file(context.hostfile, places_.hosts);
  }
}

void AttemptMaker::write_lists(const Attempt& attempt, TaskContext& context) {
  const StepSpec& step = plan_.step(attempt.task.step);
  if (any_piece(step, is_input_list)) {
    context.input_list = attempt.scratch + "/.list-inputs";
    write_file(context.input_list, path_list(context.inputs));
  }
  context.need_lists.assign(step.needs.size(), "");
  for (std::uint32_t need = 0; need < step.needs.size(); ++need) {
    if (!asks_for_list(step, need)) continue;
    context.need_lists[need] = fmt::format("{}/.list-{}", attempt.scratch, need);
    write_file(context.need_lists[need], need_list(plan_, attempt.task, need, context));
  }
}

void AttemptMaker::look(Attempt& attempt, const TaskContext& context, LogReader& records) const {
  const Task task = attempt.task;
  const StepSpec& step = plan_.step(task.step);
  OutputFiles::Settings settings;
  settings.tag = task_tag(plan_, task);
  settings.own.directory = directory(task);
  if (step.in_scratch) {
    settings.own.everything = true;
  } else {
    settings.own = owned_files(records, attempt.recorded, directory(task));
    settings.failed = failed_place(places_.failed, plan_, task);
    settings.held = places_.held;
    // They are on the disk of the data.
    settings.spares = spares_;
  }
  settings.inputs = input_paths(settings.own.directory, context.inputs);
  attempt.files = std::make_unique<OutputFiles>(
      std::move(settings), declared_outputs(plan_, places_.root_of(step), task));
  attempt.files->look(attempt.number);
}

void AttemptMaker::prepare_files(Attempt& attempt, TaskContext& context) {
  const Task task = attempt.task;
  const std::string own = directory(task);
  const StepSpec& step = plan_.step(task.step);
  attempt.files->prepare();
  // The directories of a sweep exist in the workflow file alone until a task runs there.
  if (access(own.c_str(), F_OK) != 0) {
    std::vector<std::string> ignored;
    make_directories(own, ignored);
  }
  for (std::size_t i = 0; i < attempt.files->outputs().size(); ++i) {
    const TaskOutput& output = attempt.files->outputs()[i];
    if (!step.outputs[output.spec].mentioned && step.command != CommandKind::Kernel) continue;
    const std::string& target = attempt.files->targets()[i];
    context.outputs.push_back(step.scratch_cwd ? target : seen_from(own, target));
    context.output_names.push_back(output.name);
  }
}

ProcessRequest AttemptMaker::command(Attempt& attempt, TaskContext& context) {
  const Task task = attempt.task;
  const StepSpec& step = plan_.step(task.step);
  const PreparedEnvironment& environment = environments_.of(step.environment, has_secret(step));
  if (!environment.error.empty()) throw PreparationError(environment.error);
  prepare_files(attempt, context);
  prepare_scratch(attempt, context);
  write_lists(attempt, context);

  ProcessRequest request;
  request.environment = &environment.variables;
  request.settings = environment.settings;
  request.directory = step.scratch_cwd ? attempt.scratch : directory(task);
  request.memory_limit = step.resources.mem_mb * 1024 * 1024;
  request.timeout_ns = static_cast<std::int64_t>(step.timeout_s) * 1'000'000'000;
  if (step.command == CommandKind::Argv) {
    request.argv = expand_argv(plan_, task, context);
  } else {
    const std::string source = expand_run(plan_, task, context);
    const std::optional<std::vector<std::string>> words =
        has_functions(environment.variables) ? std::nullopt : simple_command(source);
    request.argv = words ? *words : bash_words(source, environment.variables, has_secret(step));
  }
  if (request.argv.empty()) throw ExpandError("the command of the step is empty");
  request.extra = {"WFC_TASK=" + task_name(plan_, task),
                   "WFC_STEP=" + step.name,
                   fmt::format("WFC_ATTEMPT={}", attempt.number)};
  const auto give = [&](const std::string& name, const std::string& value) {
    if (!step.environment.variables.contains(name)) request.extra.push_back(name + "=" + value);
  };
  give("OMP_NUM_THREADS", std::to_string(context.cpus));
  // From Slurm 22.05 on `srun` takes one cpu without it.
  give("SRUN_CPUS_PER_TASK", std::to_string(context.cpus));
  if (says_scratch_[index_of(task.step)]) give("TMPDIR", attempt.scratch);
  return request;
}

// Directories that the kernel makes lie between the step's own level and the output's.
std::vector<std::string> AttemptMaker::made_names(Task task, const TaskOutput& output) const {
  const StepSpec& step = plan_.step(task.step);
  const LevelId fan = step.outputs[output.spec].fan;
  const Tree& tree = plan_.graph.tree;
  std::vector<std::string> names;
  for (LevelId level = fan; level != step.each && level != kRootLevel;
       level = tree.level(level).under) {
    names.emplace_back(tree.level(level).names.at(tree.ancestor(fan, output.node, level)));
  }
  std::reverse(names.begin(), names.end());
  return names;
}

WorkerTask AttemptMaker::kernel(Attempt& attempt,
                                TaskContext& context,
                                const std::string& scratch) {
  const Task task = attempt.task;
  const StepSpec& step = plan_.step(task.step);
  prepare_files(attempt, context);
  context.scratch = scratch;
  WorkerTask work;
  work.directory = directory(task);
  KernelCall& call = work.call;
  call.kernel = step.kernel;
  call.params_json = expand_params(plan_, task, context);
  call.inputs = context.inputs;
  if (step.inputs.empty()) {
    for (std::uint32_t need = 0; need < step.needs.size(); ++need) {
      if (!step.needs[need].data) continue;
      for (std::string& path : needed_paths(plan_, task, need, context, nullptr)) {
        call.inputs.push_back(std::move(path));
      }
    }
  }
  for (std::size_t i = 0; i < attempt.files->outputs().size(); ++i) {
    const TaskOutput& output = attempt.files->outputs()[i];
    call.outputs.push_back({context.outputs[i], output.name, made_names(task, output)});
  }
  call.cpus = context.cpus;
  call.memory_bytes = step.resources.mem_mb * 1024 * 1024;
  call.scratch = scratch;
  call.provenance_json = nlohmann::json{
      {"workflow", plan_.workflow},
      {"step", step.name},
      {"kernel", step.kernel},
      {"version",
       step.kernel_version}}.dump();
  return work;
}

}  // namespace wfr
