// Threads for looks at files: a network file system makes one wait, and many waits pass at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wfr {

class LookPool {
 public:
  static constexpr unsigned kThreads = 32;

  // All threads share the cpu that the caller is on: it is for waiting, not for work.
  explicit LookPool(unsigned threads = kThreads) : wanted_(threads) {}
  ~LookPool();
  LookPool(const LookPool&) = delete;
  LookPool& operator=(const LookPool&) = delete;

  // Calls use(i) for every i below `count`, in any order, and returns when all have returned. The
  // caller does a few by itself. Rethrows the first exception, after which no more calls begin.
  // `meanwhile(finished)` is called by the caller's thread now and then.
  void each(std::size_t count,
            const std::function<void(std::size_t)>& use,
            const std::function<void(std::size_t)>& meanwhile);

 private:
  void start();
  void work();
  void do_share();

  unsigned wanted_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  std::uint64_t round_ = 0;
  std::size_t busy_ = 0;
  bool closing_ = false;
  std::exception_ptr error_;
  // Of the present round.
  const std::function<void(std::size_t)>* use_ = nullptr;
  std::size_t count_ = 0;
  std::size_t share_ = 1;  // taken at once
  std::atomic<std::size_t> next_{0};
};

}  // namespace wfr
