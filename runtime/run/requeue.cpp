// Requeue by ARRAYJOB_INDEX: the id of an array's last element is the array's own.
#include "runtime/run/requeue.hpp"

#include "runtime/run/host.hpp"

#include <optional>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::uint32_t kRequeueLimit = 3;
// A job of a later pass has the failures of many: it goes on as long as it gets on.
constexpr std::uint32_t kRequeueLimitOfPass = 100;

}  // namespace

std::string requeue(bool progress, bool later_pass) {
  const std::uint32_t limit = later_pass ? kRequeueLimitOfPass : kRequeueLimit;
  const std::optional<std::uint32_t> job = number_from("SLURM_JOB_ID");
  if (!job) return "the time limit is near; there is no Slurm job to requeue";
  const std::optional<std::uint32_t> array = number_from("SLURM_ARRAY_JOB_ID");
  const std::uint32_t index = number_from("SLURM_ARRAY_TASK_ID").value_or(0);
  const std::string id = array ? fmt::format("{}_{}", *array, index) : fmt::format("{}", *job);
  const std::uint32_t restarts = number_from("SLURM_RESTART_COUNT").value_or(0);
  if (!progress) {
    return "the time is nearly over and no task was finished in it: job " + id +
           " is not requeued; give its step a longer `time`";
  }
  if (restarts >= limit) {
    return fmt::format(
        "the time is nearly over and job {} was requeued {} times: not again", id, restarts);
  }
  if (!capture({"scontrol", "requeue", id})) {
    return "the time is nearly over, but `scontrol requeue " + id + "` has failed";
  }
  return fmt::format(
      "the time is nearly over: job {} is requeued (number {} of {})", id, restarts + 1, limit);
}

}  // namespace wfr
