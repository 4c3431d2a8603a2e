// TaskGraph -> JobGraph: a call per pass.
#include "compiler/graph/partition.hpp"

#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/fusion.hpp"
#include "compiler/graph/job_resources.hpp"
#include "compiler/graph/packing.hpp"
#include "compiler/graph/placement.hpp"
#include "compiler/graph/temp.hpp"

#include <algorithm>
#include <utility>

namespace wfc {

JobGraph partition(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  return partition(workflow, graph, {workflow.jobs.split}, sink);
}

JobGraph partition(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const Split& split,
                   Sink& sink) {
  std::vector<PassNote> notes;
  std::vector<Draft> drafts = one_draft_a_step(workflow, graph);

  // Which steps share a family, and at which level.
  drafts = place(workflow, graph, std::move(drafts), notes);
  drafts = fuse(workflow, graph, std::move(drafts), notes);
  // From here on families have an order without a cycle.

  // How many directories share a job.
  drafts = pack(workflow, graph, std::move(drafts), notes, sink);
  drafts = by_depth(workflow, graph, std::move(drafts), split, notes);
  JobGraph jobs = cut_blocks(graph, drafts, split);

  // Which outputs never leave their job.
  jobs.in_scratch = outputs_in_scratch(workflow, graph, jobs.families, notes, sink);

  // What a job asks for.
  jobs = size_jobs(workflow, graph, drafts, std::move(jobs), sink);
  notes.insert(notes.end(), jobs.notes.begin(), jobs.notes.end());
  jobs.notes = std::move(notes);
  return jobs;
}

JobGraph partition_whole(const Workflow& workflow, const wfr::TaskGraph& graph) {
  JobGraph jobs;
  wfr::Family family;
  for (const Draft& draft : one_draft_a_step(workflow, graph)) {
    family.steps.push_back(draft.steps.front());
    const wfr::ResourceSpec& asked = workflow.step(draft.steps.front()).spec.resources;
    family.job.cpus = std::max(family.job.cpus, asked.cpus);
    family.job.mem_mb = std::max(family.job.mem_mb, asked.mem_mb);
  }
  // Where only finalizers are left there is no job, as under Slurm.
  if (!family.steps.empty()) {
    jobs.maps.push_back({wfr::kRootLevel, wfr::all_nodes(wfr::kRootLevel, 1), {}});
    jobs.families.push_back(std::move(family));
  }
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    // As in temp.cpp: what tasks of the same step read stays with the data.
    const StepDef& step = workflow.steps[s];
    jobs.in_scratch.push_back(step.temp && !leaves_by_pairs(graph, StepId{s}, step.spec.each));
  }
  return jobs;
}

}  // namespace wfc
