// What has failed, for `wfc status`, `wfc verdict` and `wfr verdict`: grouped, with what was said,
// the node, the log, and what to type.
#pragma once

#include "runtime/plan/proposal.hpp"
#include "runtime/run/verdict.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace wfr {

// So many failures are read for it.
inline constexpr std::size_t kMostFailuresRead = 2000;

// "" without failures. Safe to show.
std::string failures_text(const Plan& plan,
                          const PlanVerdict& verdict,
                          const StatePaths& state,
                          const Caller& caller);
// The lines on where a failed task ran: its node, its job, its log with the path as it is seen from
// caller.directory, and the end of the log when `message` holds nothing of the task's output.
std::string whereabouts_text(const Plan& plan,
                             Task task,
                             const std::optional<Record>& record,
                             const Caller& caller);

// "2026-11-28 01:02:03", local.
std::string time_text(std::int64_t time_ns);

// The line on how to run what is not done.
std::string retry_text(const StatePaths& state, const Caller& caller);

}  // namespace wfr
