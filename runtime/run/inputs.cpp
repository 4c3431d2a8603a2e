// Inputs on disk, with errors that name the step that should have made them.
#include "runtime/run/inputs.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/run/made_files.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/used_files.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// "" when it is not known.
std::string root_of_outputs(const StepSpec& step, const TaskContext& context) {
  return step.in_scratch ? context.job_scratch : context.root.string();
}

// What stands for some files in the workflow, and which ones those are.
struct NamedFiles {
  const std::string& name;
  const std::vector<std::string>& files;
  bool outside = false;  // no step makes them
  bool content = false;  // as of OutsideInput
};

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

// "" where there is no such link. `name`: of the input.
std::string link_text(const std::string& name, const std::optional<ForeignLink>& link) {
  if (!link) return {};
  return "the input `" + name + "` " + foreign_link_text(*link) + "; " +
         std::string(kForeignLinkHelp);
}

// Looks at each, in order, until one is not there. `name`: what stands for them in the workflow.
// True when they are all there, and at least one is.
bool look_at(const Plan& plan,
             const std::string& root,
             const TaskContext& context,
             const NamedFiles& named,
             std::uint32_t edge,
             TaskInputs& found) {
  for (const std::string& file : named.files) {
    std::string path = below(root, file);
    const PathLook look = look_at_path(path);
    const bool readable = S_ISREG(look.info.st_mode) || S_ISDIR(look.info.st_mode);
    if (look.there && context.starting && !readable) {
      found.missing = "the input `" + file + "` is neither a file nor a directory";
      return false;
    }
    if (look.there && context.starting &&
        faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
      found.missing =
          missing_text(plan, file, std::string("cannot be read: ") + std::strerror(errno), edge);
      return false;
    }
    if (look.there) {
      // Contents are read whenever a task is asked about.
      if (context.starting || named.content) {
        found.missing = link_text(file, foreign_link(path, root));
      }
      if (!found.missing.empty()) return false;
      if (named.outside) found.outside.push_back({std::move(path), file, named.content, look});
      continue;
    }
    found.missing = missing_text(plan, file, absence_of(path), edge);
    if (edge != kNone) found.awaited = path;
    return false;
  }
  if (!named.files.empty()) return true;
  found.missing = missing_text(plan, named.name, "", edge);
  return false;
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
      return look_at(plan, root, context, {output.path, files}, need.edge, found);
    });
    if (!found.missing.empty()) return;
  }
}

// What matches an input's pattern now.
std::vector<std::string> matches_on_disk(const std::string& pattern,
                                         const std::string& root,
                                         const TaskContext& context,
                                         TaskInputs& found) {
  GlobTrouble trouble;
  std::vector<std::string> files = resolve_input_glob(root, pattern, context.out, &trouble);
  found.missing = link_text(pattern, trouble.link);
  if (trouble.error == ELOOP && found.missing.empty()) {
    found.missing = "the input `" + pattern +
                    "` has too many matches: links lead to the same directories again and again";
  } else if (trouble.error != 0 && found.missing.empty()) {
    found.missing =
        "the input `" + pattern + "` cannot be looked for: " + std::strerror(trouble.error);
  }
  return files;
}

// `made`: also what steps make, and the words.
void find_declared(
    const Plan& plan, Task task, const TaskContext& context, bool made, TaskInputs& found) {
  const StepSpec& step = plan.step(task.step);
  const std::vector<std::string> declared = task_inputs(plan, task);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const InputSpec& spec = step.inputs[i];
    const bool outside = spec.made_by_edge == kNone;
    if (!outside && !made) continue;
    const StepSpec* maker =
        outside ? nullptr : &plan.step(plan.graph.edges[spec.made_by_edge].from);
    const std::string root = outside ? context.root.string() : root_of_outputs(*maker, context);
    if (root.empty()) continue;
    std::optional<std::vector<std::string>> known;
    if (!spec.glob) known = {declared[i]};
    if (spec.glob && !outside) {
      known = made_matches(plan, spec.made_by_edge, task, declared[i], context.made);
    }
    const std::vector<std::string> files =
        known ? std::move(*known) : matches_on_disk(declared[i], root, context, found);
    if (!found.missing.empty()) return;
    const NamedFiles named{declared[i], files, outside, spec.content};
    if (!look_at(plan, root, context, named, spec.made_by_edge, found)) return;
    for (const std::string& file : made ? files : std::vector<std::string>{}) {
      const bool in_scratch = !outside && maker->in_scratch;
      found.words.push_back(
          command_path(plan, task, context, in_scratch ? below(root, file) : file));
    }
  }
}

}  // namespace

TaskInputs find_inputs(const Plan& plan, Task task, const TaskContext& context) {
  TaskInputs found;
  found.missing = missing_use(plan, task, context.workflow_dir);
  if (found.missing.empty()) find_needs(plan, task, context, found);
  if (found.missing.empty()) find_declared(plan, task, context, true, found);
  return found;
}

TaskInputs find_outside_inputs(const Plan& plan, Task task, const TaskContext& context) {
  TaskInputs found;
  found.missing = missing_use(plan, task, context.workflow_dir);
  if (found.missing.empty()) find_declared(plan, task, context, false, found);
  return found;
}

}  // namespace wfr
