// Fills templates/job.sbatch.
#include "compiler/slurm/job_script.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/command_text.hpp"
#include "compiler/slurm/index_list.hpp"
#include "compiler/slurm/job_words.hpp"
#include "compiler/slurm/limits.hpp"
#include "compiler/slurm/resources.hpp"
#include "compiler/slurm/sbatch_text.hpp"
#include "compiler/slurm/srun_variables.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/plan/job_name.hpp"
#include "runtime/plan/preparation.hpp"
#include "runtime/plan/secret.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace wfc {
namespace {

namespace km = kainjow::mustache;

constexpr std::uint64_t kWarnSeconds = 120;

// The parts of a script that differ between kinds of job.
struct Script {
  std::string name;
  std::string what;
  std::vector<std::string> notes;
  JobRequest request;
  const wfr::EnvironmentSpec* environment = nullptr;
  StepId step{};      // where its keys come from
  std::string array;  // of --array; "" for a plain job
  bool requeue = true;
  std::string command;        // "job"
  std::string selection;      // "--array 02-highpass "
  std::string table;          // path of the index table; "" for none
  std::vector<StepId> steps;  // whose commands its tasks execute
  bool secret = false;        // one of them has a secret: others do not read its log
  const MailDef* mail = nullptr;
};

// The #SBATCH lines of one script.
class Options {
 public:
  Options(const Workflow& workflow, StepId step, Sink& sink)
      : workflow_(workflow), step_(step), sink_(sink) {}

  void flag(const std::string& option) { lines_.push_back("--" + option); }
  void value(const std::string& option, const std::string& text) {
    if (text.empty()) return;
    if (has_control(text)) {
      report("--" + option);
      return;
    }
    add("--" + option, "--" + option + "=" + sbatch_quote(text));
  }
  void number(const std::string& option, std::uint64_t value, const char* unit = "") {
    if (value > 0) lines_.push_back(fmt::format("--{}={}{}", option, value, unit));
  }
  // As the user wrote it, for sbatch to read.
  void raw(const std::string& option) {
    if (has_control(option)) {
      report("sbatch");
    } else if (!option.empty()) {
      add("sbatch", option);
    }
  }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  // sbatch hands an option on as one variable of the environment.
  void add(const std::string& what, std::string line) {
    if (line.size() > kMaxArgumentBytes) {
      const StepDef& step = workflow_.step(step_);
      sink_.report(Kind::OptionTooLong,
                   step.span,
                   fmt::format("`{}` of step `{}` has {} bytes, but an option may have at most {}",
                               what,
                               step.spec.name,
                               line.size(),
                               kMaxArgumentBytes),
                   "name nodes and the like by ranges, as node[001-400]");
      return;
    }
    lines_.push_back(std::move(line));
  }
  void report(const std::string& what) {
    const StepDef& step = workflow_.step(step_);
    sink_.report(
        Kind::OptionWithControl,
        step.span,
        fmt::format(
            "`{}` of step `{}` holds a line break or a control character", what, step.spec.name),
        "one option is one line of a script: remove it");
  }
  const Workflow& workflow_;
  StepId step_;
  Sink& sink_;
  std::vector<std::string> lines_;
};

bool has_warning(const JobRequest& request) {
  return request.time_s >= kWarnedSeconds;
}

std::vector<std::string> options_of(const Workflow& workflow, const Script& script, Sink& sink) {
  const JobRequest& request = script.request;
  const SlurmKeys& keys = request.keys;
  Options options(workflow, script.step, sink);
  options.value("job-name", wfr::job_name(workflow.name, script.name));
  options.value("array", script.array);
  options.value("output",
                (script.secret ? "logs/private/" : "logs/") + script.name +
                    (script.array.empty() ? ".%j.log" : ".%A_%a.log"));
  options.flag(script.requeue ? "requeue" : "no-requeue");
  options.value("open-mode", "append");
  options.value("export", workflow.site.export_policy);
  options.number("cpus-per-task", request.cpus);
  options.number("mem", request.mem_mb, "M");
  if (request.all_memory) options.value("mem", "0");
  options.number("mem-per-cpu", request.mem_per_cpu_mb, "M");
  if (request.time_s > 0) options.value("time", sbatch_time(request.time_s));
  if (has_warning(request)) options.value("signal", fmt::format("B:USR1@{}", kWarnSeconds));
  if (request.nodes > 1) options.number("nodes", request.nodes);
  options.number("ntasks", request.tasks);
  options.number("ntasks-per-node", request.tasks_per_node);
  options.raw(request.gpus);
  options.value("partition", keys.partition);
  options.value("account", keys.account);
  options.value("qos", keys.qos);
  options.value("constraint", keys.constraint);
  options.value("reservation", keys.reservation);
  options.value("exclude", keys.exclude);
  options.value("nodelist", keys.nodelist);
  options.value("licenses", keys.licenses);
  if (keys.exclusive) options.flag("exclusive");
  if (keys.nice) options.value("nice", std::to_string(*keys.nice));
  options.value("begin", keys.begin);
  for (const std::string& option : keys.sbatch) options.raw(option);
  if (script.mail != nullptr) {
    // Should the node have no `sendmail`, Slurm writes: wfr takes this back when it has written.
    options.value("mail-user", script.mail->to);
    options.value("mail-type", script.mail->only_failure ? "FAIL" : "END,FAIL");
  }
  return options.lines();
}

km::data list_of(const char* key, const std::vector<std::string>& values) {
  km::data list(km::data::type::list);
  for (const std::string& value : values) list.push_back(km::data(key, value));
  return list;
}

// The step's own and what the site gives to every step; the step's wins.
wfr::EnvironmentSpec environment_of(const Site& site, const wfr::EnvironmentSpec* of_step) {
  if (of_step == nullptr) return {};
  wfr::EnvironmentSpec environment = *of_step;
  environment.variables.insert(site.environment.variables.begin(),
                               site.environment.variables.end());
  if (environment.modules.empty()) environment.modules = site.environment.modules;
  if (environment.conda.empty()) environment.conda = site.environment.conda;
  if (environment.setup.empty()) environment.setup = site.environment.setup;
  return environment;
}

// Comments, since nothing else says here what will be executed.
std::vector<std::string> commands_of(const wfr::Plan& plan, const std::vector<StepId>& steps) {
  std::vector<std::string> lines;
  for (const StepId id : steps) {
    lines.push_back(fmt::format("# The command of a task of `{}`:", plan.step(id).name));
    for (const std::string& line : command_lines(plan, plan.step(id))) {
      lines.push_back(line.empty() ? "#" : "#   " + line);
    }
  }
  return lines;
}

std::string render(const Workflow& workflow,
                   const wfr::Plan& plan,
                   const Script& given,
                   const TemplateReader& templates,
                   Sink& sink) {
  const wfr::EnvironmentSpec environment = environment_of(workflow.site, given.environment);
  Script script = given;
  script.secret = std::any_of(given.steps.begin(), given.steps.end(), [&](StepId id) {
    return wfr::has_secret(plan.step(id));
  });
  km::data data;
  data.set("what", comment_text(script.what));
  std::vector<std::string> notes;
  for (const std::string& note : script.notes) notes.push_back(comment_text(note));
  data.set("notes", list_of("note", notes));
  data.set("source", comment_text(workflow.file.filename().string()));
  data.set("name", script.name);
  const std::vector<std::string> options = options_of(workflow, script, sink);
  data.set("options", list_of("option", options));
  const std::string kept = fmt::format("{}", fmt::join(kept_srun_variables(options), " "));
  if (!kept.empty()) data.set("srun_kept", kept);
  data.set("signal", has_warning(script.request));
  // A login shell is what defines `module` and finds `conda`.
  data.set("login", !environment.modules.empty() || !environment.conda.empty());
  km::data variables(km::data::type::list);
  for (const auto& [key, value] : environment.variables) {
    km::data variable("key", key);
    variable.set("value", value);
    variables.push_back(variable);
  }
  data.set("has_variables", !environment.variables.empty());
  data.set("variables", variables);
  data.set("preparation", wfr::needs_preparation(environment));
  data.set("preparation_text", wfr::preparation_text(environment));
  data.set("command", script.command);
  data.set("selection", script.selection);
  if (!script.table.empty()) data.set("table", script.table);
  data.set("plan", plan.hash);
  data.set("command_lines", list_of("line", commands_of(plan, script.steps)));
  std::string text = render_template("job.sbatch", data, templates);
  check_script(workflow, script.step, "jobs/" + script.name + ".sbatch", text.size(), sink);
  return text;
}

// What the script prepares for all tasks of a family: wfr gives each task the variables of its own
// step, so those in which the steps differ stay out. Modules, conda and setup are the same.
wfr::EnvironmentSpec common_environment(const wfr::Plan& plan, const wfr::Family& family) {
  wfr::EnvironmentSpec common = plan.step(family.steps.front()).environment;
  for (const StepId id : family.steps) {
    const std::map<std::string, std::string>& others = plan.step(id).environment.variables;
    for (auto it = common.variables.begin(); it != common.variables.end();) {
      const auto other = others.find(it->first);
      const bool same = other != others.end() && other->second == it->second;
      it = same ? std::next(it) : common.variables.erase(it);
    }
  }
  return common;
}

}  // namespace

std::string array_script(const Workflow& workflow,
                         const wfr::Plan& plan,
                         const wfr::JobArray& array,
                         const TemplateReader& templates,
                         Sink& sink) {
  const wfr::Family& family = plan.families[wfr::index_of(array.family)];
  const StepDef& step = workflow.step(family.steps.front());
  Script script;
  script.name = array.name;
  script.step = family.steps.front();
  script.what = fmt::format("{} of workflow `{}` ({}): {}",
                            steps_text(plan, family),
                            workflow.name,
                            place_of(workflow, script.step),
                            tasks_text(plan, array));
  if (!array.after.empty()) script.notes.push_back(waits_text(plan, array));
  if (array.repeats()) {
    script.notes.emplace_back("Exits 0 at once if there is nothing to retry");
  }
  script.request = request_of(workflow.site, job_of(plan, array), step.slurm);
  const wfr::EnvironmentSpec environment = common_environment(plan, family);
  script.environment = &environment;
  script.array = array.plain ? std::string() : array_spec(array);
  script.steps = family.steps;
  script.command = "job";
  script.selection = "--array " + array.name + " ";
  if (has_whole_node(script.request)) script.selection += "--use whole-node ";
  if (array.depth) {
    script.notes.emplace_back("The directories of one depth: what they wait for has run before");
  }
  if (uses_table(array)) {
    script.notes.emplace_back(
        array.depth ? "The list of directories is in a table"
                    : "The list of directories is too long for --array: it is in a table");
    script.table = table_path(plan.hash, array);
  }
  return render(workflow, plan, script, templates, sink);
}

std::string closing_script(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const ClosingJob& job,
                           const TemplateReader& templates,
                           Sink& sink) {
  Script script;
  script.name = job.name;
  if (!job.is_verdict) {
    const StepDef& step = workflow.step(job.step);
    script.step = job.step;
    script.what = fmt::format("Step `{}` of workflow `{}` ({}), after everything else",
                              step.spec.name,
                              workflow.name,
                              place_of(workflow, job.step));
    script.request = finalizer_request(workflow, job.step);
    script.environment = &step.spec.environment;
    script.requeue = false;
    script.steps = {job.step};
    script.command = "job";
    script.selection = "--finalizer " + wfr::shell_quote(step.spec.name) + " ";
    return render(workflow, plan, script, templates, sink);
  }
  // Every step may be left out, but a workflow has one.
  script.step = plan.order.empty() ? StepId{0} : plan.order.front();
  script.what =
      fmt::format("The verdict on workflow `{}`: succeeds if every task is done", workflow.name);
  script.request = verdict_request(workflow, plan);
  script.command = "verdict";
  const MailDef& mail = workflow.mail;
  if (!mail.to.empty()) {
    script.mail = &mail;
    script.selection = fmt::format("--mail {} --mail-on {} ",
                                   wfr::shell_quote(mail.to),
                                   mail.only_failure ? "failure" : "end");
  }
  // Its values are those of other scripts: what is wrong with them has been reported.
  Sink unheard;
  return render(workflow, plan, script, templates, unheard);
}

}  // namespace wfc
