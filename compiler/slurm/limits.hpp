// The site's limits, checked before anything is written.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

namespace wfc {

// The kernel's bound of one argument or variable, 128 KiB, with room for a name before it.
inline constexpr std::size_t kMaxArgumentBytes = 131000;

// What a plan takes of the queue, the verdict and the finalizers with it.
struct QueueUse {
  std::uint64_t jobs = 0;         // every array task counts
  std::uint64_t submissions = 0;  // calls of sbatch
};
QueueUse queue_use(const wfr::Plan& plan);
// How many jobs, and how many calls of sbatch, the site's limits allow at most. Of the calls no
// more than the verdict, which waits for each, can name in one argument.
QueueUse most_queue_use(const Site& site);

// Every step's request against the site's nodes and times, every array and their number against the
// controller's bounds. A limit of 0 is not known and not checked. Each report names the step's
// line. A job whose partition is known is held against that partition's limits.
void check_limits(const Workflow& workflow, const wfr::Plan& plan, Sink& sink);

// The bytes of one emitted script.
void check_script(const Workflow& workflow,
                  wfr::StepId step,
                  const std::string& path,
                  std::size_t bytes,
                  Sink& sink);

}  // namespace wfc
