// wfc touch: records as done what already exists.
#include "runtime/run/touch.hpp"

#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/driver/write_output.hpp"
#include "runtime/run/carry.hpp"
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

int execute(const TouchOptions& options, const Compiled& compiled, Sink& sink) {
  const wfr::Plan& plan = compiled.plan;
  std::vector<wfr::TouchRequest> requests;
  const std::string wrong = select(plan, options.names, requests);
  if (!wrong.empty()) {
    std::cerr << "wfc touch: error: " << wrong << '\n';
    return 2;
  }
  const fs::path out = fs::absolute(options.compile.out).lexically_normal();
  if (!write_plan(compiled, out, sink)) return finish(sink);
  const RunLock lock(out);
  const std::string last = wfr::read_last(out);
  if (!last.empty() && last != plan.hash) wfr::carry(out, last, plan.hash);
  wfr::write_last(out, plan.hash);
  const wfr::TouchResult result = wfr::touch(plan, out, requests);
  for (const std::string& reason : result.reasons) std::cout << "left: " << reason << '\n';
  std::cout << fmt::format("{} tasks recorded as done, {} were so already, {} are left to run\n",
                           result.recorded,
                           result.up_to_date,
                           result.left);
  return 0;
}

int run(const TouchOptions& options) {
  Sink sink;
  const std::optional<Compiled> compiled = compile(options.compile, false, sink);
  if (!compiled || sink.has_errors()) return finish(sink);
  finish(sink);
  try {
    return execute(options, *compiled, sink);
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
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
