// Inputs on disk, with errors that name the step that should have made them.
#include "runtime/run/inputs.hpp"

#include "runtime/run/made_files.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/used_files.hpp"

namespace wfr {
namespace {

// "" when it is not known.
std::string root_of_outputs(const StepSpec& step, const TaskContext& context) {
  return step.in_scratch ? context.job_scratch : context.root.string();
}

// `absence`: as absence_of() says it; "" of a glob.
std::string missing_text(const Plan& plan,
                         const std::string& path,
                         const std::string& absence,
                         std::uint32_t edge) {
  std::string text = absence.empty() ? "no file matches the input `" + path + "`"
                                     : "the input `" + path + "` " + absence;
  if (edge != kNone) {
    return text + ": step `" + plan.step(plan.graph.edges[edge].from).name +
           "` should have made it";
  }
  const bool nothing = absence.empty() || absence == "does not exist";
  return nothing ? text + ", and no step makes it" : text;
}

// The first of these that is not there. `name`: what stands for them in the workflow.
bool note_missing(const Plan& plan,
                  const std::string& root,
                  const std::string& name,
                  const std::vector<std::string>& files,
                  std::uint32_t edge,
                  TaskInputs& found) {
  for (const std::string& file : files) {
    const std::string path = below(root, file);
    const std::string absence = absence_of(path);
    if (absence.empty()) continue;
    found.missing = missing_text(plan, file, absence, edge);
    if (edge != kNone) found.awaited = path;
    return true;
  }
  if (!files.empty()) return false;
  found.missing = missing_text(plan, name, "", edge);
  return true;
}

// The first needed output that has gone since its step was done, or is not visible yet.
void find_needs(const Plan& plan, Task task, const TaskContext& context, TaskInputs& found) {
  for (const NeedSpec& need : plan.step(task.step).needs) {
    if (!need.data || need.edge == kNone) continue;
    const StepSpec& from = plan.step(need.step);
    const std::string root = root_of_outputs(from, context);
    if (root.empty()) continue;
    visit_needed_outputs(plan, need, task, [&](const OutputPath& output) {
      std::vector<std::string> files{output.path};
      if (from.outputs[output.spec].kind == OutputKind::Glob) {
        std::optional<std::vector<std::string>> made;
        if (context.made) made = context.made(output);
        files = made ? std::move(*made) : resolve_glob(root, output.path);
      }
      return !note_missing(plan, root, output.path, files, need.edge, found);
    });
    if (!found.missing.empty()) return;
  }
}

std::vector<std::string> files_of(const Plan& plan,
                                  Task task,
                                  const InputSpec& spec,
                                  const std::string& path,
                                  const std::string& root,
                                  const TaskContext& context) {
  if (!spec.glob) return {path};
  if (spec.made_by_edge != kNone) {
    auto made = made_matches(plan, spec.made_by_edge, task, path, context.made);
    if (made) return std::move(*made);
  }
  return resolve_glob(root, path);
}

}  // namespace

TaskInputs find_inputs(const Plan& plan, Task task, const TaskContext& context) {
  const StepSpec& step = plan.step(task.step);
  TaskInputs found;
  found.missing = missing_use(plan, task, context.workflow_dir);
  if (found.missing.empty()) find_needs(plan, task, context, found);
  if (!found.missing.empty()) return found;
  const std::vector<std::string> declared = task_inputs(plan, task);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const InputSpec& spec = step.inputs[i];
    const bool outside = spec.made_by_edge == kNone;
    const StepSpec* maker =
        outside ? nullptr : &plan.step(plan.graph.edges[spec.made_by_edge].from);
    const std::string root = outside ? context.root.string() : root_of_outputs(*maker, context);
    if (root.empty()) continue;
    const std::vector<std::string> files = files_of(plan, task, spec, declared[i], root, context);
    if (note_missing(plan, root, declared[i], files, spec.made_by_edge, found)) return found;
    for (const std::string& file : files) {
      const bool in_scratch = !outside && maker->in_scratch;
      found.words.push_back(
          command_path(plan, task, context, in_scratch ? below(root, file) : file));
      if (outside) found.outside.push_back({below(root, file), file, spec.content});
    }
  }
  return found;
}

}  // namespace wfr
