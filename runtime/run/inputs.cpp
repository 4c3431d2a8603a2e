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
std::string missing_need(const Plan& plan, Task task, const std::string& root) {
  for (const NeedSpec& need : plan.step(task.step).needs) {
    if (!need.data || need.edge == kNone) continue;
    const StepSpec& from = plan.step(need.step);
    for (const OutputPath& output : needed_outputs(plan, need, task)) {
      const bool glob = from.outputs[output.spec].kind == OutputKind::Glob;
      const bool found =
          glob ? !resolve_glob(root, output.path).empty() : exists(below(root, output.path));
      if (!found) return missing_text(plan, output.path, glob, need.edge);
    }
  }
  return {};
}

}  // namespace

TaskInputs find_inputs(const Plan& plan, Task task, const TaskContext& context) {
  const std::string root = context.root.string();
  const StepSpec& step = plan.step(task.step);
  TaskInputs found;
  found.missing = missing_need(plan, task, root);
  if (!found.missing.empty()) return found;
  const std::vector<std::string> declared = task_inputs(plan, task);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const InputSpec& spec = step.inputs[i];
    const std::vector<std::string> files =
        spec.glob ? resolve_glob(context.root, declared[i]) : std::vector<std::string>{declared[i]};
    if (files.empty() || (!spec.glob && !exists(below(root, declared[i])))) {
      found.missing = missing_text(plan, declared[i], spec.glob, spec.made_by_edge);
      return found;
    }
    for (const std::string& file : files) {
      found.words.push_back(command_path(plan, task, context, file));
      if (spec.made_by_edge == kNone) found.outside.push_back({below(root, file), file});
    }
  }
  return found;
}

}  // namespace wfr
