// Wait statuses and kernel results to failure classes.
#include "runtime/run/failure.hpp"

#include "runtime/plan/rungs.hpp"
#include "runtime/run/host.hpp"

#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/wait.h>

namespace wfr {
namespace {

constexpr int kShellSignalBase = 128;
// A kill that comes this near to the limit is the limit's.
constexpr double kNearLimit = 0.9;

bool near_limit(std::uint64_t peak, const StepSpec& step) {
  const double limit = static_cast<double>(step.resources.mem_mb) * 1024 * 1024;
  return limit > 0 && static_cast<double>(peak) >= kNearLimit * limit;
}

Failure out_of_memory(std::uint64_t peak, const StepSpec& step) {
  constexpr std::uint64_t kMega = 1U << 20U;
  return {
      FailureKind::OutOfMemory,
      SIGKILL,
      fmt::format(
          "out of memory: {} MB used, {} MB allowed (`mem`)", peak / kMega, step.resources.mem_mb)};
}

Failure killed_by_kernel(std::uint64_t peak, const StepSpec& step) {
  const std::uint64_t mem_mb = step.resources.mem_mb;
  if (mem_mb == 0) {
    return {FailureKind::OutOfMemory, SIGKILL, default_memory_text(allocated_mb())};
  }
  return {
      FailureKind::OutOfMemory,
      SIGKILL,
      fmt::format(
          "out of memory: killed by the system ({} MB used when last seen, {} MB allowed (`mem`))",
          peak / (1U << 20U),
          mem_mb)};
}

Failure killed_by(int signal, std::uint64_t peak, const StepSpec& step) {
  if (signal == SIGKILL && near_limit(peak, step)) return out_of_memory(peak, step);
  const char* name = sigabbrev_np(signal);
  return {FailureKind::Signal,
          signal,
          name != nullptr ? fmt::format("killed by SIG{}", name)
                          : fmt::format("killed by signal {}", signal)};
}

}  // namespace

std::string default_memory_text(std::uint64_t job_mb) {
  if (job_mb == 0) return "out of memory: the step sets no `mem`, and the default is too small";
  return fmt::format("out of memory: the cluster's default of {} MB; set `mem`", job_mb);
}

Failure classify(const ProcessEnd& end, const StepSpec& step, const std::string& program) {
  if (end.stopped == Stopped::Memory) return out_of_memory(end.peak_memory, step);
  if (end.stopped == Stopped::Timeout) {
    return {FailureKind::Timeout,
            0,
            fmt::format("stopped after its `timeout` of {} s", step.timeout_s)};
  }
  if (end.stopped == Stopped::Asked) return {FailureKind::Cancelled, 0, "stopped with the run"};
  if (end.oom_killed && !near_limit(end.peak_memory, step)) {
    return killed_by_kernel(end.peak_memory, step);
  }
  if (WIFSIGNALED(end.status)) return killed_by(WTERMSIG(end.status), end.peak_memory, step);
  const int status = WEXITSTATUS(end.status);
  if (status == 0) return {};
  // bash says 128 + N for a command that signal N has killed.
  if (status == kShellSignalBase + SIGKILL && near_limit(end.peak_memory, step)) {
    return out_of_memory(end.peak_memory, step);
  }
  constexpr int kNotFound = 127;
  if (status == kNotFound && program == "bash") {
    return {FailureKind::Exit, status, "exit status 127: a command was not found"};
  }
  return {FailureKind::Exit, status, fmt::format("exit status {}", status)};
}

Failure classify(const WorkerResult& result, const StepSpec& step) {
  if (result.ok) return {};
  if (result.oom_killed && !near_limit(result.peak_memory, step)) {
    return killed_by_kernel(result.peak_memory, step);
  }
  if (result.died && result.status > 0) {
    Failure failure = killed_by(result.status, result.peak_memory, step);
    if (failure.kind == FailureKind::Signal) failure.reason = "the kernel was " + failure.reason;
    return failure;
  }
  return {FailureKind::Kernel, result.status, result.message};
}

const char* failure_name(FailureKind kind) {
  switch (kind) {
    case FailureKind::None:
      return "none";
    case FailureKind::Exit:
      return "exit";
    case FailureKind::Signal:
      return "signal";
    case FailureKind::OutOfMemory:
      return "out of memory";
    case FailureKind::Timeout:
      return "timeout";
    case FailureKind::MissingOutput:
      return "missing output";
    case FailureKind::MissingInput:
      return "missing input";
    case FailureKind::Kernel:
      return "kernel";
    case FailureKind::Lost:
      return "lost";
    case FailureKind::Cancelled:
      return "cancelled";
    case FailureKind::Node:
      return "node";
    case FailureKind::Occupied:
      return "occupied";
    case FailureKind::NoSpace:
      return "no space";
    case FailureKind::Preparation:
      return "preparation";
  }
  return "unknown";
}

bool may_retry(const RetrySpec& retry, FailureKind kind, std::uint32_t tries) {
  return tries < retry.times && is_retried(retry, kind) && !escalates(retry, kind);
}

}  // namespace wfr
