// The simplest partition, for tests of what comes after it.
#pragma once

#include "compiler/graph/blocks.hpp"
#include "compiler/graph/job_resources.hpp"

namespace wfc::test {

// One family a step, one block a directory; the steps of a level share its block map (the union of
// their directories), so that equal indices mean equal directories.
inline JobGraph partition_by_step(const Workflow& workflow, const wfr::TaskGraph& graph) {
  const std::vector<Draft> drafts = one_draft_a_step(workflow, graph);
  Sink unheard;
  return size_jobs(
      workflow, graph, drafts, cut_blocks(graph, drafts, {workflow.jobs.split}), unheard);
}

}  // namespace wfc::test
