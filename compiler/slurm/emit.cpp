// The whole output tree of a plan, but bin/ and lib/.
#include "compiler/slurm/emit.hpp"

#include "compiler/slurm/index_list.hpp"
#include "compiler/slurm/job_script.hpp"
#include "compiler/slurm/submit_script.hpp"
#include "compiler/slurm/task_directories.hpp"

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
  // On one machine `wfc run` executes the plan: there is nothing to submit. Nor is there where
  // every step is left out; finalizers alone have their verdict.
  if (workflow.site.local || plan.order.empty()) return tree;

  std::uint64_t elements = 0;
  for (const wfr::JobArray& array : plan.arrays) {
    if (has_task_directories(array)) elements += array.size();
  }
  for (const wfr::JobArray& array : plan.arrays) {
    tree.files["jobs/" + array.name + ".sbatch"] = {
        array_script(workflow, plan, array, templates, sink), false};
    if (has_task_directories(array)) {
      tree.files["jobs/" + array.name + ".tasks"] = {task_directories(plan, array, elements),
                                                     false};
    }
    if (uses_table(array)) {
      tree.files[table_path(plan.hash, array)] = {table_bytes(array.indices), false};
    }
  }
  for (const ClosingJob& job : closing_jobs(plan)) {
    tree.files["jobs/" + job.name + ".sbatch"] = {
        closing_script(workflow, plan, job, templates, sink), false};
  }
  tree.files["bin/submit"] = {submit_program(templates), false};
  tree.files["bin/srun-options"] = {srun_options(templates), false};
  tree.files["submit.sh"] = {submit_script(workflow, plan, templates), true};
  return tree;
}

}  // namespace wfc
