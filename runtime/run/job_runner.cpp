// The loop of a job: which task is next, and what becomes of attempts that have ended.
#include "runtime/run/job_runner.hpp"

#include "runtime/plan/rungs.hpp"
#include "runtime/plan/secret.hpp"
#include "runtime/run/content_digests.hpp"
#include "runtime/run/exit_hint.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/pass_tasks.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/start_problem.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

// So many ended attempts may wait for the disk before no more are started.
constexpr std::size_t kMostUncommitted = 256;
constexpr int kTickMs = 100;
// Up to so many tasks, making directories is cheaper than keeping them.
constexpr std::uint64_t kFewTasks = 16;
// Up to date tasks are settled at once; signals and the progress line are looked at in between.
constexpr int kStartsAtOnce = 512;

std::uint64_t packed(Task task) {
  return (static_cast<std::uint64_t>(task.step) << 32U) | task.index;
}

// What shells and `env` say of a command that is not there, or cannot be started.
bool is_of_no_start(std::int32_t status) {
  return status == 126 || status == 127;
}

// Of what a step with secrets has said, what the shell says of a secret's file before the command
// begins. The rest may hold the secret, and a record is read by whoever may ask what has failed.
std::string about_secret_file(std::string_view tail) {
  std::string said;
  while (!tail.empty()) {
    const std::size_t end = std::min(tail.find('\n') + 1, tail.size());
    const std::string_view line = tail.substr(0, end == 0 ? tail.size() : end);
    if (line.starts_with("stat: ") || line.starts_with("the file of the secret ")) said += line;
    tail.remove_prefix(line.size());
  }
  return said;
}

// Where it cannot be made `problem` gets the reason.
JobScratch make_job_scratch(const Plan& plan, const JobOptions& options, Failure& problem) {
  const bool wanted =
      std::any_of(options.tasks.begin(), options.tasks.end(), [&](const auto& entry) {
        return !entry.second.empty() && plan.step(entry.first).in_scratch;
      });
  if (!wanted) return {};
  const std::string base = scratch_base();
  try {
    return JobScratch::make(base);
  } catch (const std::system_error& error) {
    problem = {FailureKind::Exit, 0, error.what()};
    if (is_no_space(error.code())) {
      problem.kind = FailureKind::NoSpace;
      problem.reason += "; " + no_space_text(error.what(), {{base}, ""});
    }
  }
  return JobScratch::without_directory(base);
}

JobPlaces places_of(const Plan& plan, const JobOptions& options, const JobScratch& scratch) {
  JobPlaces places = job_places(plan, options.out_dir);
  places.job_scratch = scratch.path();
  for (const auto& [step, range] : options.tasks) {
    if (!range.empty() && says_hostfile(plan.step(step))) places.hosts = allocated_hosts();
  }
  return places;
}

}  // namespace

Record JobRunner::record_of(const Attempt& attempt, RecordKind kind) {
  Record record = host_record();
  record.kind = kind;
  record.task = attempt.task;
  record.attempt = attempt.number;
  record.time_ns = wall_clock_ns();
  return record;
}

JobRunner::JobRunner(const Plan& plan,
                     const JobOptions& options,
                     Processes& processes,
                     TaskClaims& claims)
    : plan_(plan),
      options_(options),
      begun_ns_(monotonic_ns()),
      processes_(processes),
      slots_(plan, state_paths(options.out_dir, plan.hash), true),
      gate_(plan, slots_),
      made_(plan, slots_),
      settling_(plan.settle_s),
      keys_(plan, options.out_dir),
      scheduler_(plan, options.tasks, {options.cpus, options.mem_mb, options.under_slurm}),
      spares_(data_root(plan, options.out_dir)),
      job_scratch_(make_job_scratch(plan, options, no_scratch_)),
      maker_(plan,
             places_of(plan, options, job_scratch_),
             options.prepare_environment,
             scheduler_.total() > kFewTasks ? &spares_ : nullptr),
      scratch_outputs_(plan, options, slots_, keys_, maker_),
      log_(plan,
           options.under_slurm ? "" : (options.out_dir / "logs").string(),
           scheduler_.total() > 1),
      tally_(plan, options, begun_ns_),
      kernels_(processes, maker_.places().scratch_base),
      claims_(claims),
      // Since the job was submitted somebody may have worked under another plan.
      others_(options.under_slurm),
      left_(plan.steps.size()),
      committer_(
          plan,
          maker_.places().root,
          slots_,
          [&processes] { processes.wake(); },
          options.under_slurm) {
  maker_.warn_by(options.on_warning);
  processes_.watch(signals_.fd());
  // On one machine nobody else would; of many jobs the next large one does.
  if (!options.under_slurm) spares_.clear_left();
}

bool JobRunner::finished() const {
  if (in_flight() > 0 || committer_.outstanding() > 0) return false;
  return stopping_ || scheduler_.remaining() == 0;
}

std::size_t JobRunner::in_flight() const {
  return running_.size() + kernels_.busy();
}

JobResult JobRunner::run() {
  if (options_.on_warning) {
    for (const std::string& text : scheduler_.warnings()) options_.on_warning(text);
  }
  while (true) {
    for (const Task task : settling_.due(monotonic_ns())) scheduler_.again(task);
    start_ready();
    if (finished()) break;
    // With every cpu busy nobody waits for a verdict.
    committer_.hurry(scheduler_.free_cpus() > 0);
    Woken woken = processes_.wait(kTickMs);
    // Slurm ends the commands of a job together with wfr: its own signal is looked at first.
    take_signals();
    for (ProcessEnd& end : woken.ended) {
      const bool with_the_job = tally_.signal() != 0 && WIFSIGNALED(end.status) &&
                                WTERMSIG(end.status) == tally_.signal();
      if (with_the_job && end.stopped == Stopped::No) end.stopped = Stopped::Asked;
      process_ended(std::move(end));
    }
    for (KernelEnd& end : kernels_.receive(woken.readable)) kernel_ended(std::move(end));
    for (KernelEnd& end : kernels_.enforce(monotonic_ns())) kernel_ended(std::move(end));
    take_commits();
    tally_.show(in_flight(), monotonic_ns(), false);
  }
  processes_.unwatch(signals_.fd());
  tally_.show(0, monotonic_ns(), true);
  return tally_.result();
}

void JobRunner::start_ready() {
  look_at_claimed();
  for (int started = 0; started < kStartsAtOnce; ++started) {
    if (stopping_ || committer_.outstanding() >= kMostUncommitted) return;
    const std::optional<Task> task = scheduler_.next();
    if (!task) {
      const bool stuck = in_flight() == 0 && committer_.outstanding() == 0 && settling_.empty() &&
                         claimed_elsewhere_.empty();
      if (stuck && scheduler_.remaining() > 0) {
        throw std::logic_error("tasks are left that wait for each other");
      }
      return;
    }
    begin(*task);
  }
  // More may be ready: come back at once.
  processes_.wake();
}

bool JobRunner::gated(Task task) {
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const ProducerState& state = gate_.look(edge, task.index);
    if (state.verdict == Verdict::Done) continue;
    Ended ended;
    ended.attempt.task = task;
    ended.attempt.recorded = slots_.of(task.step).read(task.index);
    ended.attempt.number = ended.attempt.recorded.attempt;
    ended.verdict = Verdict::UpstreamFailed;
    ended.failure.reason = "not run: " + blame_text(plan_, state);
    ended.record = record_of(ended.attempt, RecordKind::End);
    scheduler_.release(task);
    committer_.put(std::move(ended));
    return true;
  }
  return false;
}

bool JobRunner::up_to_date(const Attempt& attempt, const Slot& slot) {
  if (plan_.step(attempt.task.step).in_scratch) return !scratch_outputs_.wanted(attempt.task);
  const bool again =
      options_.always_run || (options_.again != nullptr && options_.again->contains(attempt.task));
  if (again || slot.verdict != Verdict::Done || !(slot.key == attempt.key.key)) {
    return false;
  }
  const std::string& root = maker_.places().root;
  const FoundOutputs found = find_outputs(
      plan_, root, attempt.task, slot, slots_.records(), content_of(options_.out_dir / "state"));
  if (!found.missing.empty() || !(found.fingerprint == slot.fingerprint)) return false;
  clear_holders(declared_outputs(plan_, root, attempt.task),
                task_tag(plan_, attempt.task),
                maker_.places().held);
  return true;
}

void JobRunner::begin(Task task) {
  const bool chosen = options_.only == nullptr || options_.only->contains(task);
  if (!chosen && !scratch_outputs_.wanted(task)) {
    scheduler_.release(task);
    finish(task);
    return;
  }
  const Slot slot = slots_.of(task.step).read(task.index);
  if (is_left(task, slot)) {
    leave(task);
    return;
  }
  if (gated(task)) return;
  Attempt attempt;
  attempt.task = task;
  attempt.recorded = slot;
  attempt.number = static_cast<std::uint16_t>(slot.attempt + 1);
  const auto tried = tries_.find(packed(task));
  if (tried != tries_.end()) {
    attempt.tries = tried->second;
    attempt.number = static_cast<std::uint16_t>(attempt.number + attempt.tries);
  }
  TaskContext context = maker_.context(task, scheduler_.cpus_of(task.step));
  context.made = [this](const OutputPath& output) { return made_.of(output); };
  // What is up to date reads nothing, so nobody has made it the files that are not kept.
  if (!scratch_outputs_.will_run(task)) context.job_scratch.clear();
  if (!find_what_it_reads(attempt, context, slot)) return;
  if (slot.verdict == Verdict::Failed || slot.verdict == Verdict::Cancelled) log_.forget(task);
  if (up_to_date(attempt, slot)) {
    scheduler_.release(task);
    finish(task);
    tally_.up_to_date(task);
    return;
  }
  if (options_.left != nullptr && options_.left->contains(task)) {
    leave(task);
    return;
  }
  if (!hold(task, slot)) return;
  if (context.job_scratch != maker_.places().job_scratch) {
    // Something that it reads was changed since this job began.
    context.job_scratch = maker_.places().job_scratch;
    if (!find_what_it_reads(attempt, context, slot)) return;
  }
  start(std::move(attempt), context);
}

void JobRunner::commit(Ended ended) {
  const Task task = ended.attempt.task;
  if (ended.failure.kind == FailureKind::Cancelled) stopped(ended);
  const StepSpec& step = plan_.step(task.step);
  if (!options_.keep_going && ended.verdict == Verdict::Failed &&
      !escalates(step.retry, ended.failure.kind) &&
      !may_retry(step.retry, ended.failure.kind, ended.attempt.tries)) {
    stopping_ = true;
  }
  scheduler_.release(task);
  tally_.attempted(task, ended.record.wall_ns);
  // What every task is refused for is said once in the job's log.
  const bool said = options_.under_slurm && !options_.unprepared.empty();
  log_.end(task, said ? std::string() : ended.failure.reason);
  committer_.put(std::move(ended));
}

void JobRunner::process_ended(ProcessEnd end) {
  const auto place = running_.find(end.id);
  if (place == running_.end()) return;
  Ended ended;
  ended.attempt = std::move(place->second.attempt);
  const StepSpec& step = plan_.step(ended.attempt.task.step);
  ended.failure = classify(end, step, place->second.program);
  if (ended.failure.kind == FailureKind::Exit && is_of_no_start(ended.failure.status)) {
    const std::string problem = exit_problem(place->second.program,
                                             place->second.directory,
                                             has_secret(step) ? std::string_view() : end.tail);
    if (!problem.empty()) {
      ended.failure.reason = fmt::format("exit status {}: {}", ended.failure.status, problem);
    }
  }
  look_for_space(ended, end.tail, place->second.temporary);
  if (ended.failure.kind == FailureKind::Exit) {
    ended.failure.reason += exit_hint(step,
                                      place->second.directory,
                                      maker_.places().workflow_dir,
                                      ended.failure.status,
                                      end.tail);
  }
  running_.erase(place);
  ended.verdict = ended.failure.kind == FailureKind::None ? Verdict::Done : Verdict::Failed;
  ended.record = record_of(ended.attempt, RecordKind::End);
  ended.record.wall_ns = end.wall_ns;
  ended.record.cpu_ns = end.cpu_ns;
  ended.record.peak_memory = end.peak_memory;
  ended.record.read_bytes = end.read_bytes;
  ended.record.written_bytes = end.written_bytes;
  ended.record.message = has_secret(step) ? about_secret_file(end.tail) : std::move(end.tail);
  commit(std::move(ended));
}

void JobRunner::kernel_ended(KernelEnd end) {
  Ended ended;
  ended.attempt = std::move(end.attempt);
  const StepSpec& step = plan_.step(ended.attempt.task.step);
  if (end.stopped == Stopped::No) {
    ended.failure = classify(end.result, step);
    look_for_space(ended, end.result.message, "");
  } else {
    // The same words as for a command that was stopped.
    ProcessEnd stopped;
    stopped.stopped = end.stopped;
    stopped.peak_memory = end.result.peak_memory;
    const bool whole = end.stopped == Stopped::Asked && end.result.ok;
    if (!whole) ended.failure = classify(stopped, step, step.kernel);
  }
  ended.verdict = ended.failure.kind == FailureKind::None ? Verdict::Done : Verdict::Failed;
  ended.record = record_of(ended.attempt, RecordKind::End);
  ended.record.wall_ns = end.result.wall_ns;
  ended.record.cpu_ns = end.result.cpu_ns;
  ended.record.peak_memory = end.result.peak_memory;
  ended.record.read_bytes = end.result.read_bytes;
  ended.record.written_bytes = end.result.written_bytes;
  log_.write(ended.attempt.task, end.result.log);
  commit(std::move(ended));
}

void JobRunner::finish(Task task) {
  scheduler_.finished(task);
  scratch_outputs_.finished(task);
}

void JobRunner::take_commits() {
  for (const Committed& result : committer_.take()) {
    claims_.release(result.task);
    if (result.again && !stopping_) {
      tries_[packed(result.task)] = result.tries + 1;
      scheduler_.again(result.task);
      continue;
    }
    tries_.erase(packed(result.task));
    tally_.committed(result);
    if (result.verdict == Verdict::Failed &&
        !escalates(plan_.step(result.task.step).retry, result.failure.kind)) {
      failed_ = true;
    }
    finish(result.task);
  }
  if (!options_.keep_going && failed_) stopping_ = true;
}

}  // namespace wfr
