// wfc touch: records as done what already exists.
#include "runtime/run/touch.hpp"

#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/targets.hpp"
#include "compiler/driver/write_output.hpp"
#include "runtime/plan/visible.hpp"

#include <iostream>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct TouchOptions {
  CompileOptions compile;
  std::vector<std::string> targets;
  bool times = false;
};

// Every step without names.
std::vector<wfr::TouchRequest> requests_of(const wfr::Plan& plan,
                                           const std::vector<std::string>& targets) {
  std::vector<wfr::TouchRequest> requests;
  for (const wfr::StepId id : plan.order) {
    if (!targets.empty() || plan.step(id).finalizer != wfr::FinalizerKind::None) continue;
    requests.push_back({id, {0, plan.graph.tasks(id).count}, false});
  }
  for (const std::string& target : targets) {
    const FoundTasks found = find_ordinary_tasks(plan, target);
    for (const wfr::Range& range : found.tasks) requests.push_back({found.step, range, true});
  }
  return requests;
}

// Tasks that would run for no other reason than times of files.
wfr::Selection times_only(const wfr::Plan& plan, const wfr::Caller& caller) {
  const Outlook outlook(plan, caller.out, wfr::state_paths(caller.out, plan.hash), {}, caller);
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
  const std::vector<wfr::TouchRequest> requests = requests_of(plan, options.targets);
  const fs::path out = fs::absolute(options.compile.out).lexically_normal();
  if (!write_plan(compiled, options.compile.out, sink)) return finish(sink);
  const RunLock lock(out);
  take_over(plan, out);
  if (!keep_plan(compiled, options.compile.out, sink)) return finish(sink);
  const wfr::Selection times = options.times ? times_only(plan, caller_of(options.compile))
                                             : wfr::Selection(plan.steps.size());
  const wfr::TouchResult result = wfr::touch(plan, out, requests, options.times ? &times : nullptr);
  for (const std::string& reason : result.reasons)
    std::cout << "left: " << wfr::visible_text(reason) << '\n';
  std::cout << fmt::format("{} task{} recorded as done, {} already up to date, {} left to run\n",
                           result.recorded,
                           result.recorded == 1 ? "" : "s",
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
  } catch (const std::invalid_argument& error) {
    std::cerr << "wfc touch: error: " << wfr::visible_text(error.what()) << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "wfc touch: error: " << wfr::visible_text(error.what()) << '\n';
    return 1;
  }
}

}  // namespace

void add_touch(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("touch", "record existing results as done");
  auto options = std::make_shared<TouchOptions>();
  add_compile_options(*command, options->compile, {&options->targets});
  command->add_flag("--times",
                    options->times,
                    "only tasks for which nothing but file times has changed, as in a copy");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
