// Expands a command without running it.
#include "compiler/commands/show.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/proposal.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <exception>
#include <vector>

namespace wfc {
namespace {

namespace fs = std::filesystem;

std::string words_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + wfr::shell_quote(word);
  return text;
}

class Shower {
 public:
  Shower(const wfr::Plan& plan, const fs::path& out)
      : plan_(plan), maker_(plan, wfr::job_places(plan, out), false) {}

  std::string text(wfr::Task task) {
    const wfr::StepSpec& step = plan_.step(task.step);
    const std::string directory = wfr::below(maker_.places().root, task_directory(plan_, task));
    const std::string shown =
        step.scratch_cwd ? "SCRATCH" : wfr::shown_path(directory, fs::current_path());
    std::string command;
    try {
      command = expanded(task, step, directory);
    } catch (const std::exception& error) {
      command = std::string("# ") + error.what();
    }
    if (command.empty() || command.back() != '\n') command += '\n';
    return wfr::visible_text("cd " + wfr::shell_quote(shown) + "\n" + command);
  }

 private:
  std::string expanded(wfr::Task task, const wfr::StepSpec& step, const std::string& directory) {
    wfr::TaskContext context = maker_.context(task, step.resources.cpus);
    context.inputs = find_inputs(plan_, task, context).words;
    context.scratch = "SCRATCH";
    context.job_scratch = "/SCRATCH";
    context.hostfile = "HOSTFILE";
    context.need_lists.assign(step.needs.size(), "LIST");
    context.input_list = "LIST";
    for (const wfr::TaskOutput& output :
         declared_outputs(plan_, maker_.places().root_of(step), task)) {
      if (!step.outputs[output.spec].mentioned && step.command != wfr::CommandKind::Kernel)
        continue;
      context.outputs.push_back(step.scratch_cwd ? output.path
                                                 : wfr::seen_from(directory, output.path));
      context.output_names.push_back(output.name);
    }
    switch (step.command) {
      case wfr::CommandKind::Shell:
        return expand_run(plan_, task, context);
      case wfr::CommandKind::Argv:
        return words_text(expand_argv(plan_, task, context));
      case wfr::CommandKind::Kernel:
        break;
    }
    return "kernel " + step.kernel + " " + expand_params(plan_, task, context) +
           "\n  inputs: " + words_text(context.inputs) +
           "\n  outputs: " + words_text(context.outputs);
  }

  const wfr::Plan& plan_;
  wfr::AttemptMaker maker_;
};

// Empty lines stay: they may be part of a text within the command.
std::string indented(const std::string& text) {
  std::string lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines += (end > begin ? "    " : "") + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::string command_text(const wfr::Plan& plan, const fs::path& out, wfr::Task task) {
  return Shower(plan, out).text(task);
}

void show_commands(const wfr::Plan& plan,
                   const fs::path& out,
                   const wfr::Decision& decision,
                   std::ostream& stream) {
  Shower shower(plan, out);
  for (const wfr::StepId id : plan.order) {
    const std::vector<wfr::Cause>& causes = decision.steps[wfr::index_of(id)].causes;
    for (wfr::TaskIndex i = 0; i < causes.size(); ++i) {
      if (!wfr::runs(causes[i])) continue;
      stream << wfr::visible(task_name(plan, {id, i})) << "\n" << indented(shower.text({id, i}));
    }
  }
}

}  // namespace wfc
