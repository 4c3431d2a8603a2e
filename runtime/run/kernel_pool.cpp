// Persistent workers, one per kernel task that runs at the same time.
#include "runtime/run/kernel_pool.hpp"

#include "runtime/run/memory.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLookNs = 500'000'000;
// As for commands: see posix_processes.cpp.
constexpr std::int64_t kBeginEveryNs = 500'000'000;
constexpr std::int64_t kPatienceNs = 60'000'000'000;

void empty_directory(const std::string& path) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

KernelPool::KernelPool(Processes& processes, std::string scratch_base)
    : processes_(processes), scratch_base_(std::move(scratch_base)) {}

KernelPool::~KernelPool() {
  std::error_code ignored;
  for (const std::unique_ptr<Place>& place : places_) {
    place->worker.kill();
    fs::remove_all(place->scratch, ignored);
  }
}

KernelPool::Place& KernelPool::free_place() {
  for (const std::unique_ptr<Place>& place : places_) {
    if (!place->busy) return *place;
  }
  auto place = std::make_unique<Place>();
  place->scratch = make_scratch(fmt::format("{}/wfr-{}-kernel", scratch_base_, getpid()));
  places_.push_back(std::move(place));
  return *places_.back();
}

const std::string& KernelPool::scratch_of_next() {
  return free_place().scratch;
}

void KernelPool::send(Attempt& attempt,
                      const WorkerTask& task,
                      const StepSpec& step,
                      std::int64_t now_ns) {
  Place& place = free_place();
  place.stopped = Stopped::No;
  place.started_ns = now_ns;
  place.timeout_ns = static_cast<std::int64_t>(step.timeout_s) * 1'000'000'000;
  place.timeout_at_ns = 0;
  place.kill_at_ns = 0;
  place.memory_limit = step.resources.mem_mb * 1024 * 1024;
  place.peak_memory = 0;
  if (!begin(place, task, now_ns)) {
    place.waiting = task;
    next_begin_ns_ = now_ns + kBeginEveryNs;
  }
  place.busy = true;
  place.attempt = std::move(attempt);
}

bool KernelPool::begin(Place& place, const WorkerTask& task, std::int64_t now_ns) {
  try {
    if (!place.worker.running()) {
      place.worker.start();
      processes_.watch(place.worker.fd());
    }
  } catch (const std::system_error& error) {
    // One that cannot be watched is of no use.
    place.worker.kill();
    if (!is_shortage(error.code().value())) throw;
    return false;
  }
  place.worker.send(task);
  place.started_ns = now_ns;
  if (place.timeout_ns > 0) place.timeout_at_ns = now_ns + place.timeout_ns;
  return true;
}

std::optional<KernelEnd> KernelPool::begin_waiting(Place& place, std::int64_t now_ns) {
  WorkerResult result;
  if (place.stopped == Stopped::No) {
    try {
      if (begin(place, *place.waiting, now_ns)) {
        place.waiting.reset();
        return std::nullopt;
      }
      if (now_ns - place.started_ns < kPatienceNs) return std::nullopt;
      result.message = "there is no room for another process";
    } catch (const std::system_error& error) {
      result.message = error.what();
    }
  }
  place.waiting.reset();
  return finish(place, std::move(result));
}

KernelEnd KernelPool::finish(Place& place, WorkerResult result) {
  place.busy = false;
  result.peak_memory = std::max(result.peak_memory, place.peak_memory);
  empty_directory(place.scratch);
  return {std::move(place.attempt), std::move(result), place.stopped};
}

std::vector<KernelEnd> KernelPool::receive(const std::vector<int>& readable) {
  std::vector<KernelEnd> ended;
  for (const std::unique_ptr<Place>& place : places_) {
    const int fd = place->worker.fd();
    if (std::find(readable.begin(), readable.end(), fd) == readable.end()) continue;
    std::optional<WorkerResult> result = place->worker.receive();
    if (result && result->died && result->status == SIGKILL) {
      result->oom_killed = oom_kills_.since(place->started_ns, monotonic_ns());
    }
    // The descriptor of a worker that has died is closed, and with it the watch on it has gone.
    if (result && place->busy) ended.push_back(finish(*place, std::move(*result)));
  }
  return ended;
}

KernelEnd KernelPool::kill(Place& place, std::int64_t now_ns) {
  processes_.unwatch(place.worker.fd());
  place.worker.kill();
  WorkerResult result;
  result.died = true;
  result.status = SIGKILL;
  result.wall_ns = static_cast<std::uint64_t>(now_ns - place.started_ns);
  return finish(place, std::move(result));
}

std::vector<KernelEnd> KernelPool::enforce(std::int64_t now_ns) {
  std::vector<KernelEnd> ended;
  const bool look = now_ns >= next_look_ns_;
  if (look) next_look_ns_ = now_ns + kLookNs;
  const bool retry = now_ns >= next_begin_ns_;
  if (retry) next_begin_ns_ = now_ns + kBeginEveryNs;
  for (const std::unique_ptr<Place>& place : places_) {
    if (!place->busy) continue;
    if (place->waiting) {
      if (!retry && place->stopped == Stopped::No) continue;
      std::optional<KernelEnd> end = begin_waiting(*place, now_ns);
      if (end) ended.push_back(std::move(*end));
      continue;
    }
    if (look && now_ns - place->started_ns >= kLookNs) {
      const GroupMemory used = process_memory(place->worker.pid());
      place->peak_memory = std::max(place->peak_memory, used.resident);
      if (place->memory_limit > 0 && used.own > place->memory_limit) {
        place->stopped = Stopped::Memory;
      }
    }
    const auto passed = [&](std::int64_t at) { return at > 0 && now_ns >= at; };
    if (place->stopped == Stopped::No && passed(place->timeout_at_ns)) {
      place->stopped = Stopped::Timeout;
    }
    const bool over = place->stopped == Stopped::Memory || place->stopped == Stopped::Timeout;
    if (over || passed(place->kill_at_ns)) ended.push_back(kill(*place, now_ns));
  }
  return ended;
}

void KernelPool::stop_all(std::int64_t kill_at_ns) {
  for (const std::unique_ptr<Place>& place : places_) {
    if (!place->busy) continue;
    if (place->stopped == Stopped::No) place->stopped = Stopped::Asked;
    place->kill_at_ns = kill_at_ns;
    place->worker.cancel();
  }
}

std::size_t KernelPool::busy() const {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(), [](const auto& place) { return place->busy; }));
}

}  // namespace wfr
