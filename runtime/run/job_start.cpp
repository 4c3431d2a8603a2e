// The beginning of an attempt: a look at its outputs, its record, its process or kernel call.
#include "runtime/run/job_runner.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/start_problem.hpp"

#include <cerrno>
#include <exception>
#include <system_error>

#include <fmt/format.h>

namespace wfr {

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

void JobRunner::start(Attempt attempt, TaskContext& context) {
  attempt.started_wall_ns = wall_clock_ns();
  try {
    maker_.look(attempt, context, slots_.records());
  } catch (const OccupiedError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Occupied, 0, error.what()});
    return;
  } catch (const std::exception& error) {
    fail_to_start(std::move(attempt), {FailureKind::Exit, 0, error.what()});
    return;
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
      kernels_.send(attempt, work, step, monotonic_ns());
    } else {
      start_process(attempt, context);
    }
  } catch (const std::system_error& error) {
    fail_to_start(std::move(attempt), {FailureKind::Exit, 0, error.what()});
  } catch (const KernelError& error) {
    fail_to_start(std::move(attempt), {FailureKind::Kernel, 0, error.what()});
  } catch (const std::exception& error) {
    fail_to_start(std::move(attempt), {FailureKind::Exit, 0, error.what()});
  }
}

void JobRunner::start_process(Attempt& attempt, TaskContext& context) {
  ProcessRequest request = maker_.command(attempt, context);
  const Task task = attempt.task;
  request.on_output = [this, task](std::string_view text) { log_.write(task, text); };
  request.extra.insert(request.extra.end(), options_.variables.begin(), options_.variables.end());
  ProcessId id = 0;
  try {
    id = processes_.start(request);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT && error.code().value() != EACCES) throw;
    constexpr int kNotFound = 127;
    const std::string reason = start_problem(request, error.code().value());
    fail_to_start(std::move(attempt), {FailureKind::Exit, kNotFound, reason});
    return;
  }
  running_.emplace(id, Running{std::move(attempt), request.argv[0], request.directory});
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
