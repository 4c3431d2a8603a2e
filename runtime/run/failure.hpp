// How an attempt has ended, in the words of the record: a class, a status, a reason.
#pragma once

#include "runtime/plan/step.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/worker.hpp"

#include <cstdint>
#include <string>

namespace wfr {

struct Failure {
  FailureKind kind = FailureKind::None;  // None: it has succeeded
  std::int32_t status = 0;               // exit status or signal
  std::string reason;
};

// `program`: argv[0], for a status that means that there is none.
Failure classify(const ProcessEnd& end, const StepSpec& step, const std::string& program);
Failure classify(const WorkerResult& result, const StepSpec& step);

// Of a step without `mem`: "out of memory: the cluster's default of 100 MB; set `mem`". `job_mb`:
// what Slurm gave the job in all; 0 when it is not known.
std::string default_memory_text(std::uint64_t job_mb);

// "exit", "out of memory", "missing output", ...
const char* failure_name(FailureKind kind);
// Whether the step's `retry` allows one more attempt in place after `tries` of this job. What the
// same resources cannot do is left to the next pass.
bool may_retry(const RetrySpec& retry, FailureKind kind, std::uint32_t tries);

}  // namespace wfr
