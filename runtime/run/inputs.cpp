// Inputs on disk, with errors that name the step that should have made them.
#include "runtime/run/inputs.hpp"

#include "runtime/run/paths.hpp"

#include <sys/stat.h>

namespace wfr {
namespace {

bool exists(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0;
}

// "" when it is not known.
std::string root_of_outputs(const StepSpec& step, const TaskContext& context) {
  return step.in_scratch ? context.job_scratch : context.root.string();
}

std::string missing_text(const Plan& plan, const std::string& path, bool glob, std::uint32_t edge) {
  std::string text =
      glob ? "no file matches the input `" + path + "`" : "the input `" + path + "` does not exist";
  if (edge != kNone) {
    return text + ": step `" + plan.step(plan.graph.edges[edge].from).name +
           "` should have made it";
  }
  return text + ", and no step makes it";
}

// The first needed output that has gone since its step was done.
std::string missing_need(const Plan& plan, Task task, const TaskContext& context) {
  for (const NeedSpec& need : plan.step(task.step).needs) {
    if (!need.data || need.edge == kNone) continue;
    const StepSpec& from = plan.step(need.step);
    const std::string root = root_of_outputs(from, context);
    if (root.empty()) continue;
    std::string missing;
    visit_needed_outputs(plan, need, task, [&](const OutputPath& output) {
      const bool glob = from.outputs[output.spec].kind == OutputKind::Glob;
      const bool found =
          glob ? !resolve_glob(root, output.path).empty() : exists(below(root, output.path));
      if (!found) missing = missing_text(plan, output.path, glob, need.edge);
      return found;
    });
    if (!missing.empty()) return missing;
  }
  return {};
}

}  // namespace

TaskInputs find_inputs(const Plan& plan, Task task, const TaskContext& context) {
  const StepSpec& step = plan.step(task.step);
  TaskInputs found;
  found.missing = missing_need(plan, task, context);
  if (!found.missing.empty()) return found;
  const std::vector<std::string> declared = task_inputs(plan, task);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const InputSpec& spec = step.inputs[i];
    const bool outside = spec.made_by_edge == kNone;
    const StepSpec* maker =
        outside ? nullptr : &plan.step(plan.graph.edges[spec.made_by_edge].from);
    const std::string root = outside ? context.root.string() : root_of_outputs(*maker, context);
    if (root.empty()) continue;
    const std::vector<std::string> files =
        spec.glob ? resolve_glob(root, declared[i]) : std::vector<std::string>{declared[i]};
    if (files.empty() || (!spec.glob && !exists(below(root, declared[i])))) {
      found.missing = missing_text(plan, declared[i], spec.glob, spec.made_by_edge);
      return found;
    }
    for (const std::string& file : files) {
      const bool in_scratch = !outside && maker->in_scratch;
      found.words.push_back(
          command_path(plan, task, context, in_scratch ? below(root, file) : file));
      if (outside) found.outside.push_back({below(root, file), file});
    }
  }
  return found;
}

}  // namespace wfr
