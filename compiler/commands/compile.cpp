// wfc compile: the whole line, then the out directory.
#include "compiler/commands/command.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/driver/write_output.hpp"
#include "compiler/slurm/job_script.hpp"
#include "compiler/view/amounts.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

// " in 62 jobs by 5 calls of sbatch", with the verdict and the finalizers.
std::string submission_text(const wfr::Plan& plan) {
  const std::size_t closing = closing_jobs(plan).size();
  std::uint64_t jobs = closing;
  for (const wfr::JobArray& array : plan.arrays) jobs += array.size();
  return fmt::format(" in {} by {} of sbatch",
                     count_text(jobs, "job", "jobs"),
                     count_text(plan.arrays.size() + closing, "call", "calls"));
}

// "neuro: 12,400 tasks of 5 steps in 62 jobs ...": what was written and what to type next.
std::string summary(const Compiled& compiled, const wfr::Caller& caller) {
  const wfr::Plan& plan = compiled.plan;
  const bool local = compiled.front.workflow.site.local;
  std::string text = fmt::format("{}: {} of {}{}, plan {}\n",
                                 plan.workflow,
                                 count_text(plan.task_count(), "task", "tasks"),
                                 count_text(compiled.front.workflow.order.size(), "step", "steps"),
                                 local ? "" : submission_text(plan),
                                 plan.hash.substr(0, 12));
  const std::vector<StepDef>& steps = compiled.front.workflow.steps;
  const auto locked = std::count_if(
      steps.begin(), steps.end(), [](const StepDef& step) { return !step.locked.empty(); });
  if (locked > 0) {
    text += fmt::format(
        "resources of {} step{} are those of {}\n", locked, locked == 1 ? "" : "s", kLockFile);
  }
  text += no_tasks_text(plan);
  if (plan.order.empty()) return text;
  if (local) {
    text += fmt::format("site local: run it with `{}`\n", propose(wfr::Proposal::Run, caller));
  } else {
    text += fmt::format("read {}, then run {}\n",
                        wfr::shown_path(caller.out / "jobs", caller.directory),
                        propose(wfr::Proposal::Submit, caller));
  }
  return text;
}

int run(const CompileOptions& options) {
  Sink sink;
  const std::optional<Compiled> compiled = compile(options, false, sink);
  const bool written = compiled && write_output(*compiled, options.out, sink);
  const int status = finish(sink);
  if (!written) return 1;
  std::cout << summary(*compiled, caller_of(options));
  return status;
}

}  // namespace

void add_compile(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("compile", "write job scripts and submit.sh for a workflow");
  auto options = std::make_shared<CompileOptions>();
  add_compile_options(*command, *options);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
