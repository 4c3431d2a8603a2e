// wfc check: the workflow file alone, without a look at the data.
#include "compiler/commands/command.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

int run(const CompileOptions& options) {
  Sink sink;
  const std::optional<Frontend> front = check(options, sink);
  const int status = finish(sink);
  if (!front) return 1;
  const Workflow& workflow = front->workflow;
  const auto count = [](std::size_t number, const char* word) {
    return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
  };
  const auto dropped = static_cast<std::size_t>(
      std::count_if(workflow.steps.begin(), workflow.steps.end(), [](const StepDef& step) {
        return step.dropped;
      }));
  std::cout << fmt::format("{}: {}, {}{}, site {}\n",
                           workflow.name,
                           count(workflow.levels.size() - 1, "level"),
                           count(workflow.order.size(), "step"),
                           dropped == 0 ? "" : fmt::format(" ({} left out)", dropped),
                           workflow.site.name);
  return status;
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("check", "check a workflow file without reading the data");
  auto options = std::make_shared<CompileOptions>();
  add_compile_options(*command, *options);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
