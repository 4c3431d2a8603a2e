// The beginning of an attempt: a look at its outputs, its record, its process or kernel call.
#include "runtime/files/safe_open.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/exit_hint.hpp"
#include "runtime/run/job_runner.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/spawn.hpp"
#include "runtime/run/start_problem.hpp"

#include <cerrno>
#include <csignal>
#include <exception>
#include <system_error>

#include <fmt/format.h>

namespace wfr {
namespace {

// What is executed, for the log: the source of `run`, else the words.
std::string command_text(const StepSpec& step, const std::vector<std::string>& argv) {
  const std::size_t count = argv.size();
  if (step.command == CommandKind::Shell && count > 2 && argv[count - 2] == "-c")
    return argv.back();
  constexpr std::size_t kEnough = 4000;
  std::string text;
  for (std::size_t i = 0; i < count && text.size() < kEnough; ++i) {
    text += (i == 0 ? "" : " ") + shell_quote(argv[i]);
  }
  return text;
}

// Others may read the log.
std::string without(std::string text, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
      text.replace(at, name.size(), name.size(), 'x');
    }
  }
  return text;
}

}  // namespace

// From its first instruction on the task is no longer what its slot says of an earlier run: killed
// now, it must not pass for done.
void JobRunner::note_start(const Attempt& attempt) {
  const Slot& before = attempt.recorded;
  Record start = record_of(attempt, RecordKind::Start);
  const bool in_place = attempt.files->in_place() && !plan_.step(attempt.task.step).in_scratch;
  if (in_place) attempt.files->note_start(start);
  const RecordPlace place = committer_.start_record(start);
  if (before.verdict != Verdict::Done && !in_place) return;
  Slot begun;
  begun.attempt = before.attempt;
  // What an attempt in place leaves is known by its start. Else the task owns what it did.
  begun.time_ns = in_place ? start.time_ns : before.time_ns;
  begun.log_offset = in_place ? place.offset : before.log_offset;
  begun.log_file = in_place ? place.file : before.log_file;
  slots_.of(attempt.task.step).write(attempt.task.index, begun);
}

WrittenPlaces JobRunner::written_by(const Attempt& attempt, std::string temporary) const {
  const JobPlaces& places = maker_.places();
  return {{places.scratch_base, std::move(temporary)},
          below(places.root, task_directory(plan_, attempt.task))};
}

void JobRunner::look_for_space(Ended& ended, const std::string& said, std::string temporary) const {
  Failure& failure = ended.failure;
  // A page of a mapped file that finds no room is a SIGBUS.
  const bool may_be = failure.kind == FailureKind::Exit || failure.kind == FailureKind::Kernel ||
                      (failure.kind == FailureKind::Signal && failure.status == SIGBUS);
  if (!may_be) return;
  const std::string problem = no_space_text(said, written_by(ended.attempt, std::move(temporary)));
  if (problem.empty()) return;
  failure.kind = FailureKind::NoSpace;
  failure.reason += "; " + problem;
}

void JobRunner::start(Attempt attempt, TaskContext& context) {
  attempt.started_wall_ns = wall_clock_ns();
  log_.begin(attempt.task, "");
  if (!options_.unprepared.empty()) {
    fail_to_start(std::move(attempt), {FailureKind::Preparation, 0, options_.unprepared});
    return;
  }
  if (plan_.step(attempt.task.step).in_scratch && no_scratch_.kind != FailureKind::None) {
    fail_to_start(std::move(attempt), no_scratch_);
    return;
  }
  try {
    maker_.look(attempt, context, slots_.records());
  } catch (const OccupiedError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Occupied, 0, error.what()});
    return;
  } catch (const UnsafePathError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Occupied, 0, error.what()});
    return;
  } catch (const std::exception& error) {
    fail_to_start(std::move(attempt), {FailureKind::Exit, 0, error.what()});
    return;
  }
  for (const std::string& path : attempt.files->foreign_holders()) {
    if (options_.on_warning) {
      options_.on_warning(
          fmt::format("`{}` has the name of a temporary of wfr, and was not made by this user: it "
                      "is left alone",
                      visible_text(path)));
    }
  }
  try {
    note_start(attempt);
  } catch (const std::system_error& error) {
    fail_to_start(
        std::move(attempt),
        {FailureKind::Node, 0, fmt::format("its start cannot be recorded: {}", error.what())});
    return;
  }
  const StepSpec& step = plan_.step(attempt.task.step);
  try {
    if (step.command == CommandKind::Kernel) {
      const WorkerTask work = maker_.kernel(attempt, context, kernels_.scratch_of_next());
      log_.begin(attempt.task,
                 fmt::format("kernel {} {}", work.call.kernel, work.call.params_json));
      kernels_.send(attempt, work, step, monotonic_ns());
    } else {
      start_process(attempt, context);
    }
  } catch (const UnsafePathError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Occupied, 0, error.what()});
  } catch (const std::system_error& error) {
    Failure failure{FailureKind::Exit, 0, error.what()};
    if (is_no_space(error.code())) {
      failure.kind = FailureKind::NoSpace;
      failure.reason += "; " + no_space_text(error.what(), written_by(attempt, ""));
    }
    fail_to_start(std::move(attempt), std::move(failure));
  } catch (const PreparationError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Preparation, 0, error.what()});
  } catch (const KernelError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Kernel, 0, error.what()});
  } catch (const std::exception& error) {
    fail_to_start(std::move(attempt), {FailureKind::Exit, 0, error.what()});
  }
}

void JobRunner::start_process(Attempt& attempt, TaskContext& context) {
  ProcessRequest request = maker_.command(attempt, context);
  const Task task = attempt.task;
  log_.begin(
      task,
      without(command_text(plan_.step(task.step), request.argv), attempt.files->hidden_names()));
  request.on_output = [this, task](std::string_view text) { log_.write(task, text); };
  request.extra.insert(request.extra.end(), options_.variables.begin(), options_.variables.end());
  ProcessId id = 0;
  try {
    id = processes_.start(request);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT && error.code().value() != EACCES) throw;
    constexpr int kNotFound = 127;
    const std::string reason =
        start_problem(request, error.code().value()) +
        exit_hint(
            plan_.step(task.step), request.directory, maker_.places().workflow_dir, kNotFound, "");
    fail_to_start(std::move(attempt), {FailureKind::Exit, kNotFound, reason});
    return;
  }
  std::optional<std::string> temporary = value_of(request.extra, "TMPDIR");
  if (!temporary) temporary = value_of(*request.environment, "TMPDIR");
  running_.emplace(
      id,
      Running{std::move(attempt), request.argv[0], request.directory, temporary.value_or("/tmp")});
}

void JobRunner::fail_to_start(Attempt attempt, Failure failure) {
  Ended ended;
  ended.record = record_of(attempt, RecordKind::End);
  ended.verdict = Verdict::Failed;
  ended.attempt = std::move(attempt);
  ended.failure = std::move(failure);
  commit(std::move(ended));
}

}  // namespace wfr
