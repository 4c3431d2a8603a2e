// wfc touch: records as done what already exists.
#include "runtime/run/touch.hpp"

#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/driver/write_output.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/find_task.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct TouchOptions {
  CompileOptions compile;
  std::vector<std::string> names;
  bool times = false;
};

// Steps by name, tasks by "step:directory", every step without names. "" and requests, or what is
// wrong.
std::string select(const wfr::Plan& plan,
                   const std::vector<std::string>& names,
                   std::vector<wfr::TouchRequest>& requests) {
  const auto whole = [&](wfr::StepId id, bool named) {
    requests.push_back({id, {0, plan.graph.tasks(id).count}, named});
  };
  if (names.empty()) {
    for (const wfr::StepId id : plan.order) {
      if (plan.step(id).finalizer == wfr::FinalizerKind::None) whole(id, false);
    }
  }
  for (const std::string& name : names) {
    const wfr::StepId step = plan.find_step(name);
    if (step != wfr::StepId{wfr::kNone}) {
      whole(step, true);
      continue;
    }
    const wfr::FoundTask found = wfr::find_task(plan, name);
    if (!found.found) return found.error;
    requests.push_back({found.task.step, {found.task.index, found.task.index + 1}, true});
  }
  return "";
}

// Tasks that would run for no other reason than times of files.
wfr::Selection times_only(const wfr::Plan& plan, const fs::path& out) {
  const Outlook outlook(plan, out, wfr::state_paths(out, plan.hash), {});
  wfr::Selection tasks(plan.steps.size());
  for (const wfr::StepId id : plan.order) {
    const std::vector<wfr::Cause>& causes = outlook.decision().steps[wfr::index_of(id)].causes;
    for (wfr::TaskIndex i = 0; i < causes.size(); ++i) {
      if (wfr::only_times(causes[i])) {
        tasks.add({id, i}, static_cast<std::uint32_t>(causes.size()));
      }
    }
  }
  return tasks;
}

int execute(const TouchOptions& options, const Compiled& compiled) {
  Sink sink;
  const wfr::Plan& plan = compiled.plan;
  std::vector<wfr::TouchRequest> requests;
  const std::string wrong = select(plan, options.names, requests);
  if (!wrong.empty()) {
    std::cerr << "wfc touch: error: " << wrong << '\n';
    return 2;
  }
  const fs::path out = fs::absolute(options.compile.out).lexically_normal();
  if (!write_plan(compiled, options.compile.out, sink)) return finish(sink);
  const RunLock lock(out);
  take_over(plan, out);
  const wfr::Selection times =
      options.times ? times_only(plan, out) : wfr::Selection(plan.steps.size());
  const wfr::TouchResult result = wfr::touch(plan, out, requests, options.times ? &times : nullptr);
  for (const std::string& reason : result.reasons)
    std::cout << "left: " << wfr::visible_text(reason) << '\n';
  std::cout << fmt::format("{} tasks recorded as done, {} were so already, {} are left to run\n",
                           result.recorded,
                           result.up_to_date,
                           result.left);
  return 0;
}

int run(const TouchOptions& options) {
  Sink sink;
  const std::optional<Compiled> compiled = compile(options.compile, true, sink);
  if (!compiled || sink.has_errors()) return finish(sink);
  finish(sink);
  try {
    return execute(options, *compiled);
  } catch (const std::exception& error) {
    std::cerr << "wfc touch: error: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace

void add_touch(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("touch", "record as done what already exists");
  auto options = std::make_shared<TouchOptions>();
  add_compile_options(*command, options->compile);
  command->add_option(
      "names",
      options->names,
      "steps (`highpass`) or tasks (`highpass:session01/array02`); every step by default");
  command->add_flag("--times",
                    options->times,
                    "only tasks of which nothing but the times of files has changed, as in a copy");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
