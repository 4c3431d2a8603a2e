// The whole output tree of a plan, but bin/ and lib/.
#include "compiler/slurm/emit.hpp"

#include "compiler/slurm/index_list.hpp"
#include "compiler/slurm/job_script.hpp"
#include "compiler/slurm/submit_script.hpp"

namespace wfc {

OutputTree emit(const Workflow& workflow,
                wfr::Plan& plan,
                const TemplateReader& templates,
                Sink& sink) {
  OutputTree tree;
  std::string bytes = wfr::serialize_plan(plan);
  const std::string plan_dir = "plan/" + plan.hash + "/";
  tree.files[plan_dir + "plan.wfp"] = {std::move(bytes), false};
  tree.files[plan_dir + "plan.json"] = {wfr::plan_summary_json(plan), false};
  // On one machine `wfc run` executes the plan: there is nothing to submit.
  if (workflow.site.local || plan.arrays.empty()) return tree;

  for (const wfr::JobArray& array : plan.arrays) {
    tree.files["jobs/" + array.name + ".sbatch"] = {
        array_script(workflow, plan, array, templates, sink), false};
    if (uses_table(array)) {
      tree.files[table_path(plan.hash, array)] = {table_bytes(array.indices), false};
    }
  }
  for (const ClosingJob& job : closing_jobs(plan)) {
    tree.files["jobs/" + job.name + ".sbatch"] = {
        closing_script(workflow, plan, job, templates, sink), false};
  }
  tree.files["submit.sh"] = {submit_script(workflow, plan, templates), true};
  return tree;
}

}  // namespace wfc
