// Rounds of calls, handed out by one counter.
#include "runtime/run/look_pool.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <sched.h>

namespace wfr {
namespace {

// Up to so many, waking others costs more than it saves.
constexpr std::size_t kFew = 2;
constexpr std::size_t kMostAtOnce = 32;
constexpr std::chrono::milliseconds kMeanwhile{100};

// The cpu is one of those that this process may use, since it is on it now. Where that is refused
// the threads are as free as any other.
void stay_on(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(cpu), &one);
  sched_setaffinity(0, sizeof(one), &one);
}

}  // namespace

LookPool::~LookPool() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  begun_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LookPool::start() {
  const int cpu = sched_getcpu();
  try {
    while (threads_.size() < wanted_) {
      threads_.emplace_back([this, cpu] {
        stay_on(cpu);
        work();
      });
    }
  } catch (const std::system_error&) {
    // Fewer do, or none, where a limit of the user's processes or memory is reached.
    wanted_ = static_cast<unsigned>(threads_.size());
  }
}

void LookPool::work() {
  std::uint64_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      begun_.wait(lock, [&] { return closing_ || round_ != seen; });
      if (closing_) return;
      seen = round_;
    }
    std::exception_ptr error;
    try {
      do_share();
    } catch (...) {
      error = std::current_exception();
      next_ = count_;
    }
    const std::scoped_lock lock(mutex_);
    if (error && !error_) error_ = error;
    if (--busy_ == 0) ended_.notify_all();
  }
}

void LookPool::do_share() {
  while (true) {
    const std::size_t begin = next_.fetch_add(share_);
    if (begin >= count_) return;
    for (std::size_t i = begin; i < std::min(begin + share_, count_); ++i) (*use_)(i);
  }
}

void LookPool::each(std::size_t count,
                    const std::function<void(std::size_t)>& use,
                    const std::function<void(std::size_t)>& meanwhile) {
  if (count > kFew && threads_.empty()) start();
  if (count <= kFew || threads_.empty()) {
    for (std::size_t i = 0; i < count; ++i) use(i);
    meanwhile(count);
    return;
  }
  std::unique_lock lock(mutex_);
  use_ = &use;
  count_ = count;
  share_ = std::clamp<std::size_t>(count / (threads_.size() * 8), 1, kMostAtOnce);
  next_ = 0;
  error_ = nullptr;
  busy_ = threads_.size();
  ++round_;
  begun_.notify_all();
  while (!ended_.wait_for(lock, kMeanwhile, [&] { return busy_ == 0; })) {
    lock.unlock();
    meanwhile(std::min(next_.load(), count));
    lock.lock();
  }
  if (error_) std::rethrow_exception(error_);
  lock.unlock();
  meanwhile(count);
}

}  // namespace wfr
