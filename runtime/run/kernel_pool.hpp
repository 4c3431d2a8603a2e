// The workers of a job's kernel tasks: made when wanted, kept for the next task, watched for time
// and memory.
#pragma once

#include "runtime/run/attempt.hpp"
#include "runtime/run/oom_kills.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/worker.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

struct KernelEnd {
  Attempt attempt;
  WorkerResult result;
  Stopped stopped = Stopped::No;
};

class KernelPool {
 public:
  KernelPool(Processes& processes, std::string scratch_base);
  ~KernelPool();
  KernelPool(const KernelPool&) = delete;
  KernelPool& operator=(const KernelPool&) = delete;

  // A worker that has nothing to do, and its scratch directory; used by the next send().
  const std::string& scratch_of_next();
  // Takes `attempt` over, unless it throws because no worker can be started. Where descriptors,
  // processes or memory are short it waits for them.
  void send(Attempt& attempt, const WorkerTask& task, const StepSpec& step, std::int64_t now_ns);
  // What has ended, by its readable descriptors.
  std::vector<KernelEnd> receive(const std::vector<int>& readable);
  // Ends what has run too long or has taken too much memory, or has not obeyed stop_all().
  std::vector<KernelEnd> enforce(std::int64_t now_ns);
  void stop_all(std::int64_t kill_at_ns);
  [[nodiscard]] std::size_t busy() const;

 private:
  struct Place {
    KernelWorker worker;
    std::string scratch;
    bool busy = false;
    Attempt attempt;
    Stopped stopped = Stopped::No;
    std::optional<WorkerTask> waiting;  // there was no room for its worker yet
    std::int64_t started_ns = 0;        // or waits since then
    std::int64_t timeout_ns = 0;        // 0: none
    std::int64_t timeout_at_ns = 0;     // 0: none
    std::int64_t kill_at_ns = 0;        // 0: none
    std::uint64_t memory_limit = 0;     // bytes; 0: none
    std::uint64_t peak_memory = 0;
  };
  Place& free_place();
  // False where there is no room for a worker. Throws std::system_error.
  bool begin(Place& place, const WorkerTask& task, std::int64_t now_ns);
  // Of one that waits: its end, if it will not be begun.
  std::optional<KernelEnd> begin_waiting(Place& place, std::int64_t now_ns);
  static KernelEnd finish(Place& place, WorkerResult result);
  KernelEnd kill(Place& place, std::int64_t now_ns);

  Processes& processes_;
  std::string scratch_base_;
  std::vector<std::unique_ptr<Place>> places_;
  OomKills oom_kills_;
  std::int64_t next_look_ns_ = 0;
  std::int64_t next_begin_ns_ = 0;
};

}  // namespace wfr
