// A few threads that wait for the disk, so that the scheduler never does.
#include "runtime/run/commit.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/content_digests.hpp"
#include "runtime/run/missing_output.hpp"
#include "runtime/run/no_space.hpp"
#include "runtime/run/ownership.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <utility>

namespace wfr {
namespace {

// One settles files while the other flushes records; with more, each flush would serve fewer tasks.
constexpr std::size_t kMostThreads = 2;
constexpr std::size_t kMostAtOnce = 64;
// With every cpu busy nobody waits for a verdict: a flush for each 25 ms costs short tasks little,
// and a crash loses no more than that.
constexpr std::chrono::milliseconds kGatherFor{25};

// Before anything is waited for.
void begin_flushes(const std::vector<Ended>& batch) {
  for (const Ended& ended : batch) {
    if (ended.attempt.files && ended.verdict == Verdict::Done) ended.attempt.files->begin_flush();
  }
}

// Of the one sweep in which Slurm kills the processes of a job, all under load.
constexpr std::chrono::milliseconds kPatience{300};

bool may_be_the_jobs_end(const Ended& ended) {
  constexpr int kShellSignalBase = 128;
  const Failure& failure = ended.failure;
  return (failure.kind == FailureKind::Signal && failure.status == SIGKILL) ||
         (failure.kind == FailureKind::Exit && failure.status == kShellSignalBase + SIGKILL);
}

}  // namespace

Committer::Committer(const Plan& plan,
                     std::string root,
                     SlotStore& slots,
                     std::function<void()> notify,
                     bool patient)
    : plan_(plan),
      root_(std::move(root)),
      slots_(slots),
      notify_(std::move(notify)),
      patient_(patient),
      log_(slots.paths().log_dir()) {
  journal_ = journal_of(slots.paths().log_dir().string());
}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

RecordPlace Committer::start_record(const Record& record) {
  const std::scoped_lock lock(log_mutex_);
  return {log_.append(record), log_.file_id()};
}

void Committer::put(Ended ended) {
  ++outstanding_;
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(ended));
    if (gathering_ && queue_.size() < kMostAtOnce) return;  // it will be seen
    if (idle_ == 0 && threads_.size() < kMostThreads) {
      try {
        threads_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        if (threads_.empty()) throw;  // one is enough
      }
    }
  }
  wanted_.notify_all();
}

std::vector<Committed> Committer::take() {
  std::vector<Committed> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(results_);
  }
  outstanding_ -= taken.size();
  return taken;
}

void Committer::hurry(bool wanted) {
  if (outstanding_ == 0) return;
  const std::scoped_lock lock(mutex_);
  hurry_ = wanted;
  if (!wanted) return;
  if (gathering_) wanted_.notify_all();
  if (!results_.empty()) notify_();
}

std::vector<Ended> Committer::gather(std::unique_lock<std::mutex>& lock) {
  gathering_ = true;
  wanted_.wait_for(
      lock, kGatherFor, [this] { return closing_ || hurry_ || queue_.size() >= kMostAtOnce; });
  gathering_ = false;
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMostAtOnce));
  std::vector<Ended> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  if (!queue_.empty()) wanted_.notify_all();
  return batch;
}

void Committer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    // One gathers, the other waits for the disk or for the first to go there.
    wanted_.wait(lock, [this] { return closing_ || (!queue_.empty() && !gathering_); });
    --idle_;
    if (queue_.empty()) return;
    std::vector<Ended> batch = gather(lock);
    lock.unlock();
    if (patient_ && std::any_of(batch.begin(), batch.end(), may_be_the_jobs_end)) {
      std::this_thread::sleep_for(kPatience);
    }
    std::vector<Settled> settled;
    settled.reserve(batch.size());
    if (batch.size() > 1) begin_flushes(batch);
    for (Ended& ended : batch) settled.push_back(settle(ended));
    record(settled);
    lock.lock();
    for (Settled& one : settled) results_.push_back(std::move(one.result));
    if (hurry_) notify_();
  }
}

// What is in place, as it goes on record.
FoundOutputs Committer::install(const Attempt& attempt) {
  const std::string missing = attempt.files->install(journal_);
  if (!missing.empty()) throw MissingOutputError(missing_output_text(*attempt.files, missing));
  if (attempt.fingerprint) return {};
  FoundOutputs found = find_outputs(root_,
                                    attempt.files->outputs(),
                                    attempt.files->made(),
                                    content_of(slots_.paths().dir.parent_path()));
  if (!found.missing.empty()) {
    throw MissingOutputError(vanished_output_text(*attempt.files, found.missing));
  }
  return found;
}

// Turns a success without its outputs, or with a failing disk, into a failure.
FoundOutputs Committer::settle_files(Ended& ended) {
  if (!ended.attempt.files) return {};
  if (ended.verdict == Verdict::Done) {
    try {
      return install(ended.attempt);
    } catch (const OccupiedError& error) {
      ended.failure = {FailureKind::Occupied, 0, error.what()};
    } catch (const std::system_error& error) {
      ended.failure = {FailureKind::MissingOutput, 0, error.what()};
      if (is_no_space(error.code())) {
        const std::string own = below(root_, task_directory(plan_, ended.attempt.task));
        ended.failure.kind = FailureKind::NoSpace;
        ended.failure.reason += "; " + no_space_text(error.what(), {{}, own});
      }
    } catch (const std::exception& error) {
      ended.failure = {FailureKind::MissingOutput, 0, error.what()};
    }
    ended.verdict = Verdict::Failed;
  }
  const std::string left = ended.attempt.files->discard(ended.attempt.number);
  if (!left.empty()) ended.failure.reason += (ended.failure.reason.empty() ? "" : "; ") + left;
  return {};
}

void Committer::note_owned(const Ended& ended, const FoundOutputs& found, Record& record) {
  const Attempt& attempt = ended.attempt;
  if (!attempt.files) {
    // It has not begun: nothing has changed.
    std::optional<Record> before = slots_.records().read(attempt.recorded);
    if (!before) return;
    record.owned = std::move(before->owned);
    record.open = before->open;
    record.before = std::move(before->before);
    return;
  }
  if (plan_.step(attempt.task.step).in_scratch) return;
  if (ended.verdict != Verdict::Done) {
    attempt.files->note_failure(record);
    return;
  }
  std::set<std::string> paths = attempt.files->made();
  paths.insert(found.files.begin(), found.files.end());
  for (std::string& path : attempt.files->former(paths)) paths.insert(std::move(path));
  record.owned =
      owned_names(below(root_, task_directory(plan_, attempt.task)), {paths.begin(), paths.end()});
}

Committer::Settled Committer::settle(Ended& ended) {
  const FoundOutputs found = settle_files(ended);
  if (!ended.attempt.scratch.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(ended.attempt.scratch, ignored);
  }
  const Task task = ended.attempt.task;
  Settled settled;
  settled.record = std::move(ended.record);
  Slot& slot = settled.slot;
  Record& record = settled.record;
  slot.verdict = record.verdict = ended.verdict;
  slot.attempt = ended.attempt.number;
  slot.key = ended.attempt.key.key;
  slot.failure = record.failure = ended.failure.kind;
  slot.status = record.status = ended.failure.status;
  slot.time_ns = record.time_ns = wall_clock_ns();
  const std::string tail = std::exchange(record.message, {});
  if (ended.verdict == Verdict::Done) {
    const std::vector<KeyPart>& parts = ended.attempt.key.parts;
    slot.fingerprint = ended.attempt.fingerprint.value_or(found.fingerprint);
    record.message = parts_text(ended.attempt.fingerprint ? parts : with_made(parts, found.sizes));
    const bool lasting = !ended.attempt.fingerprint;
    if (ended.attempt.files && lasting) settled.directories = ended.attempt.files->directories();
  } else {
    record.message = ended.failure.reason + (tail.empty() ? "" : "\n" + tail);
    settled.result.message = record.message;
  }
  note_owned(ended, found, record);
  settled.in_place = ended.attempt.files && ended.attempt.files->in_place();
  settled.attempts_before = ended.attempt.recorded.attempt;
  if (ended.verdict == Verdict::Done) settled.files = std::move(ended.attempt.files);
  settled.result.task = task;
  settled.result.verdict = ended.verdict;
  settled.result.tries = ended.attempt.tries;
  settled.result.again =
      ended.verdict == Verdict::Failed &&
      may_retry(plan_.step(task.step).retry, ended.failure.kind, ended.attempt.tries);
  settled.result.failure = std::move(ended.failure);
  return settled;
}

void Committer::sync_directories(const std::vector<Settled>& batch) const {
  std::set<std::string> directories;
  for (const Settled& one : batch) {
    directories.insert(one.directories.begin(), one.directories.end());
  }
  for (const std::string& directory : directories) flush_names(directory, journal_);
}

void Committer::record(std::vector<Settled>& batch) {
  try {
    sync_directories(batch);
    {
      const std::scoped_lock lock(log_mutex_);
      for (Settled& one : batch) {
        one.slot.log_offset = log_.append(one.record, false);
        one.slot.log_file = log_.file_id();
      }
    }
    // The records are on the disk before the slots that point at them.
    log_.sync();
  } catch (const std::exception& error) {
    for (Settled& one : batch) not_recorded(one, error.what());
    return;
  }
  std::map<StepId, std::vector<Settled*>> steps;
  for (Settled& one : batch) steps[one.result.task.step].push_back(&one);
  for (const auto& [step, settled] : steps) write_slots(step, settled);
}

void Committer::write_slots(StepId step, const std::vector<Settled*>& settled) {
  std::vector<std::pair<TaskIndex, Slot>> entries;
  for (const Settled* one : settled) {
    if (one->needs_slot()) entries.emplace_back(one->result.task.index, slot_of(*one));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  });
  std::string problem;
  try {
    slots_.of(step).write_many(entries);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  for (Settled* one : settled) {
    if (!problem.empty() && one->needs_slot() && !is_written(*one)) {
      not_recorded(*one, problem);
    } else if (one->files) {
      one->files->release();
    }
  }
}

Slot Committer::slot_of(const Settled& settled) {
  if (!settled.result.again) return settled.slot;
  // It is not settled; but what it owns is no longer what its start says.
  Slot slot;
  slot.attempt = settled.attempts_before;
  slot.time_ns = settled.slot.time_ns;
  slot.log_offset = settled.slot.log_offset;
  slot.log_file = settled.slot.log_file;
  return slot;
}

// Of many writes some may have been made before one failed. What a slot says is the answer, for
// this job and for whoever reads it later.
bool Committer::is_written(const Settled& settled) const {
  try {
    const Slot slot = slots_.of(settled.result.task.step).read(settled.result.task.index);
    return slot.log_offset == settled.slot.log_offset && slot.log_file == settled.slot.log_file;
  } catch (const std::exception&) {
    return false;
  }
}

// Without its slot a task is not done: it will be run again, and nobody reads what it made.
void Committer::not_recorded(Settled& settled, const std::string& problem) {
  Committed& result = settled.result;
  result.verdict = Verdict::Failed;
  result.again = false;
  result.failure = {FailureKind::Node, 0, "its end cannot be recorded: " + problem};
  result.message = result.failure.reason;
}

}  // namespace wfr
