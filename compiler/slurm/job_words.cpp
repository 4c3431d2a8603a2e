// Words for steps, tasks and dependencies.
#include "compiler/slurm/job_words.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/sbatch_text.hpp"

#include <fmt/format.h>

namespace wfc {

std::string steps_text(const wfr::Plan& plan, const wfr::Family& family) {
  std::string text = family.steps.size() == 1 ? "Step" : "Steps";
  for (const StepId id : family.steps) {
    text += fmt::format("{} `{}`", id == family.steps.front() ? "" : ",", plan.step(id).name);
  }
  return text;
}

std::string tasks_text(const wfr::Plan& plan, const wfr::JobArray& array) {
  const wfr::Family& family = plan.families[wfr::index_of(array.family)];
  if (array.repeats()) {
    const std::string jobs =
        array.plain ? "one job" : fmt::format("shared out among {} jobs", array.size());
    return fmt::format("pass {}, what is to be tried again, {}", array.pass, jobs);
  }
  const wfr::BlockMap& map = plan.maps[family.block_map];
  std::uint64_t tasks = 0;
  for (const StepId id : family.steps) {
    for (const wfr::Range& some : tasks_of(plan, array, id)) tasks += some.size();
  }
  std::string text = tasks == 1 ? "1 task" : fmt::format("{} tasks", tasks);
  if (!array.plain) {
    const std::string& level = plan.graph.tree.level(map.level).name;
    const std::uint32_t pack = map.begin.size() < 2 ? 1 : map.begin[1];
    text +=
        !map.order.empty()
            ? fmt::format(", each job one or more connected components of `{}` directories", level)
        : pack == 1 ? fmt::format(", one job for each `{}` directory", level)
                    : fmt::format(", one job for every {} `{}` directories", pack, level);
  }
  if (array.limit > 0) text += fmt::format(", at most {} at once", array.limit);
  return text;
}

std::string waits_text(const wfr::Plan& plan, const wfr::JobArray& array) {
  std::string text;
  for (const wfr::Dependency& dependency : array.after) {
    text += fmt::format("{}{}:{}",
                        text.empty() ? "Waits for " : ", ",
                        dep_word(dependency.kind),
                        plan.arrays[wfr::index_of(dependency.on)].name);
  }
  return text;
}

std::string_view dep_word(wfr::Dep kind) {
  switch (kind) {
    case wfr::Dep::AfterCorr:
      return "aftercorr";
    case wfr::Dep::AfterCorrOrAny:
      return "aftercorr-or-afterany";
    case wfr::Dep::AfterOk:
      return "afterok";
    case wfr::Dep::AfterAny:
      break;
  }
  return "afterany";
}

std::string place_of(const Workflow& workflow, StepId step) {
  return fmt::format(
      "{}:{}", comment_text(workflow.file.filename().string()), workflow.step(step).span.line);
}

}  // namespace wfc
