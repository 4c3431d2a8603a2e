// `[jobs] split` within what the site takes.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/partition.hpp"
#include "compiler/slurm/limits.hpp"
#include "compiler/workflow/workflow.hpp"

namespace wfc {

// partition() with the `split` that `[jobs]` asks for. Where the plan would then be more than
// most_queue_use(), the level is cut into as many parts as will do, at the end into one, and both a
// report and a note say so. Where it is too much even without a split, that is
// what comes back, for check_limits() to report. Without `split` it is partition(), and costs no
// more.
JobGraph partition_to_fit(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink);

// What the workflow would take of the queue with this split; nullopt when that is more than
// most_queue_use(), or an error.
std::optional<QueueUse> use_with_split(const Workflow& workflow,
                                       const wfr::TaskGraph& graph,
                                       const Split& split);

}  // namespace wfc
