// Assembles the plan: graph, steps, families, job arrays.
#include "compiler/slurm/lower.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/dependencies.hpp"
#include "compiler/slurm/limits.hpp"
#include "compiler/slurm/partitions.hpp"
#include "compiler/slurm/passes.hpp"

#include <utility>

namespace wfc {

wfr::Plan plan_arrays(const Workflow& workflow,
                      wfr::TaskGraph graph,
                      JobGraph jobs,
                      std::vector<PassNote>& notes) {
  wfr::Plan plan;
  plan.workflow = workflow.name;
  plan.site = workflow.site.name;
  plan.wfc_version = WFC_VERSION;
  plan.graph = std::move(graph);
  for (const StepDef& step : workflow.steps) plan.steps.push_back(step.spec);
  for (std::size_t s = 0; s < jobs.in_scratch.size(); ++s) {
    plan.steps[s].in_scratch = jobs.in_scratch[s];
  }
  plan.order = workflow.order;
  plan.maps = std::move(jobs.maps);
  plan.families = std::move(jobs.families);
  plan.storage = std::move(jobs.storage);

  // Families -> arrays, none longer than the site allows.
  plan.arrays = make_arrays(workflow, plan, jobs.split);
  // `retry` with more memory or time -> arrays of later passes.
  if (!workflow.site.local) add_passes(workflow, plan, notes);
  return plan;
}

wfr::Plan lower(const Workflow& workflow,
                wfr::TaskGraph graph,
                JobGraph jobs,
                const std::string& root_from_out,
                std::vector<PassNote>& notes,
                Sink& sink) {
  wfr::Plan plan = plan_arrays(workflow, std::move(graph), std::move(jobs), notes);
  plan.root = root_from_out;
  if (workflow.site.local) return plan;
  // From here on the plan is for Slurm.

  check_limits(workflow, plan, sink);
  note_partitions(workflow, plan, notes);
  add_dependencies(plan, workflow.site.correspond_after_task_cnt, notes);
  return plan;
}

}  // namespace wfc
