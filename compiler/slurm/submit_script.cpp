// Fills templates/submit.sh and templates/submit/program.sh.
#include "compiler/slurm/submit_script.hpp"

#include "compiler/slurm/job_script.hpp"
#include "compiler/slurm/job_words.hpp"
#include "compiler/slurm/sbatch_text.hpp"

#include <kainjow/mustache.hpp>

namespace wfc {
namespace {

namespace km = kainjow::mustache;

km::data job_line(const std::string& name,
                  std::uint64_t elements,
                  const std::string& place,
                  const std::vector<std::string>& after) {
  km::data job("name", name);
  job.set("elements", std::to_string(elements));
  job.set("place", place);
  km::data list(km::data::type::list);
  for (const std::string& dependency : after) list.push_back(km::data("dependency", dependency));
  job.set("after", list);
  return job;
}

std::string finalizer_word(wfr::FinalizerKind kind) {
  if (kind == wfr::FinalizerKind::Success) return "afterok:";
  return kind == wfr::FinalizerKind::Failure ? "afternotok:" : "afterany:";
}

}  // namespace

std::string submit_script(const Workflow& workflow,
                          const wfr::Plan& plan,
                          const TemplateReader& templates) {
  km::data jobs(km::data::type::list);
  std::vector<std::string> all;
  std::uint64_t elements = 0;
  for (const wfr::JobArray& array : plan.arrays) {
    std::vector<std::string> after;
    for (const wfr::Dependency& dependency : array.after) {
      after.push_back(std::string(dep_word(dependency.kind)) + ":" +
                      plan.arrays[wfr::index_of(dependency.on)].name);
    }
    const StepId step = plan.families[wfr::index_of(array.family)].steps.front();
    jobs.push_back(job_line(array.name, array.size(), place_of(workflow, step), after));
    all.push_back("afterany:" + array.name);
    elements += array.size();
  }
  const std::vector<ClosingJob> closing = closing_jobs(plan);
  const std::string verdict = closing.front().name;
  for (const ClosingJob& job : closing) {
    ++elements;
    if (job.is_verdict) {
      jobs.push_back(job_line(job.name, 1, "verdict", all));
      continue;
    }
    jobs.push_back(job_line(job.name,
                            1,
                            place_of(workflow, job.step),
                            {finalizer_word(plan.step(job.step).finalizer) + verdict}));
  }
  km::data data;
  data.set("workflow", comment_text(workflow.name));
  data.set("plan", plan.hash);
  data.set("short_plan", plan.hash.substr(0, 12));
  data.set("scripts", std::to_string(plan.arrays.size() + closing.size()));
  data.set("elements", std::to_string(elements));
  data.set("verdict", verdict);
  data.set("jobs", jobs);
  return render_template("submit.sh", data, templates);
}

std::string submit_program(const TemplateReader& templates) {
  km::data none;
  return render_template("submit/program.sh", none, templates);
}

std::string srun_options(const TemplateReader& templates) {
  km::data none;
  return render_template("srun-options.sh", none, templates);
}

}  // namespace wfc
