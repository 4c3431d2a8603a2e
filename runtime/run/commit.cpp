// A few threads that wait for the disk, so that the scheduler never does.
#include "runtime/run/commit.hpp"

#include <exception>
#include <filesystem>
#include <utility>

#include "runtime/run/posix_processes.hpp"

namespace wfr {
namespace {

// The disk takes this many flushes at once to good use; more only queue up in it.
constexpr std::size_t kMostThreads = 4;

}  // namespace

Committer::Committer(const Plan& plan, std::string root, SlotStore& slots,
                     std::function<void()> notify)
    : plan_(plan),
      root_(std::move(root)),
      slots_(slots),
      notify_(std::move(notify)),
      log_(slots.paths().log_dir()) {}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::uint64_t Committer::append(const Record& record) {
  const std::scoped_lock lock(log_mutex_);
  return log_.append(record);
}

void Committer::start_record(const Record& record) { append(record); }

void Committer::put(Ended ended) {
  ++outstanding_;
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(ended));
    if (idle_ == 0 && threads_.size() < kMostThreads) {
      threads_.emplace_back([this] { work(); });
    }
  }
  wanted_.notify_one();
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

void Committer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wanted_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    Ended ended = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Committed result = commit(ended);
    lock.lock();
    results_.push_back(std::move(result));
    notify_();
  }
}

// Turns a success without its outputs, or with a failing disk, into a failure.
void Committer::settle_files(Ended& ended) {
  if (!ended.attempt.files) return;
  if (ended.verdict == Verdict::Done) {
    try {
      const std::string missing = ended.attempt.files->install();
      if (missing.empty()) return;
      ended.failure = {FailureKind::MissingOutput, 0,
                       "the command has ended well, but its output `" + missing + "` is not there"};
    } catch (const std::exception& error) {
      ended.failure = {FailureKind::MissingOutput, 0, error.what()};
    }
    ended.verdict = Verdict::Failed;
  }
  ended.attempt.files->discard(ended.attempt.number);
}

Committed Committer::commit(Ended& ended) {
  settle_files(ended);
  if (!ended.attempt.scratch.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(ended.attempt.scratch, ignored);
  }
  Committed result{ended.attempt.task, ended.verdict, {}, {}, ended.attempt.tries, false};
  Slot slot;
  slot.verdict = ended.verdict;
  slot.attempt = ended.attempt.number;
  slot.key = ended.attempt.key.key;
  Record& record = ended.record;
  std::string tail = std::exchange(record.message, {});
  if (ended.verdict == Verdict::Done) {
    slot.fingerprint =
        find_outputs(root_, declared_outputs(plan_, root_, ended.attempt.task)).fingerprint;
    record.message = parts_text(ended.attempt.key.parts);
  } else {
    record.message = ended.failure.reason + (tail.empty() ? "" : "\n" + tail);
  }
  slot.failure = record.failure = ended.failure.kind;
  slot.status = record.status = ended.failure.status;
  record.verdict = ended.verdict;
  slot.time_ns = record.time_ns = wall_clock_ns();
  result.again = ended.verdict == Verdict::Failed &&
                 may_retry(plan_.step(result.task.step).retry, ended.failure.kind, result.tries);
  try {
    slot.log_offset = append(record);
    slot.log_file = log_.file_id();
    if (!result.again) slots_.of(result.task.step).write(result.task.index, slot);
  } catch (const std::exception& error) {
    // Without its slot a task is not done: it will be run again, and nobody reads what it made.
    result.verdict = Verdict::Failed;
    result.again = false;
    ended.failure = {FailureKind::Node, 0, std::string("its end cannot be recorded: ") + error.what()};
    record.message = ended.failure.reason;
  }
  result.failure = ended.failure;
  if (result.verdict != Verdict::Done) result.message = std::move(record.message);
  return result;
}

}  // namespace wfr
