// The line of `wfc verify`: read back, then prove.
#include "compiler/slurm/verify.hpp"

#include "compiler/slurm/verify_agree.hpp"
#include "compiler/slurm/verify_order.hpp"
#include "compiler/slurm/verify_tasks.hpp"
#include "compiler/slurm/verify_waits.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

// "12,400"
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string counted(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

}  // namespace

std::optional<Verified> verify(const EmittedFiles& files,
                               const std::string& out,
                               VerifyWhen when,
                               Sink& sink) {
  readback::Report report(sink, when);
  // Text -> calls, scripts, plan.
  std::optional<readback::Emitted> emitted = readback::read_emitted(files, out, report);
  if (!emitted) return std::nullopt;
  // From here on every array index is a block of the plan, and every job has its script.

  prove_tasks(*emitted, report);
  if (report.failed()) return std::nullopt;
  // From here on every task is in exactly one job.

  const readback::Closure closure(*emitted);
  Verified verified;
  verified.relations = prove_order(*emitted, closure, report);
  prove_waits(*emitted, closure, report);
  if (report.failed()) return std::nullopt;
  // From here on the order is that of the workflow, and a failure stops what needs it, no more.

  check_agreement(*emitted, report);
  if (report.failed()) return std::nullopt;
  verified.extra = extra_orders(*emitted);
  verified.tasks = emitted->plan.task_count();
  for (const readback::Job& job : emitted->jobs) verified.jobs += job.call->elements;
  return verified;
}

std::string summary(const Verified& verified) {
  std::string text = fmt::format(
      "{} in {}, each once; {} verified",
      counted(verified.tasks, "task"),
      counted(verified.jobs, "job"),
      verified.relations == 1 ? "1 dependency" : grouped(verified.relations) + " dependencies");
  if (verified.extra.empty()) return text;
  return text + fmt::format("; {} stricter than needed",
                            verified.extra.size() == 1
                                ? "1 wait is"
                                : grouped(verified.extra.size()) + " waits are");
}

}  // namespace wfc
