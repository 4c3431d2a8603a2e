// wfc graph: the workflow as a picture of its steps, its jobs or its tasks.
#include "compiler/commands/command.hpp"
#include "compiler/view/render.hpp"
#include "runtime/plan/visible.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::uint64_t kMostTasks = 2000;

struct GraphOptions {
  CompileOptions compile;
  std::string of = "steps";
  std::string format = "dot";
  bool force = false;
};

// nullopt after an error, which is then in the sink or on stderr.
std::optional<Drawing> draw(const GraphOptions& options, Sink& sink) {
  if (options.of == "jobs") {
    CompileOptions shown = options.compile;
    shown.show_refused = true;
    const std::optional<Compiled> compiled = compile(shown, false, sink);
    if (!compiled) return std::nullopt;
    return draw_jobs(compiled->front.workflow, compiled->plan);
  }
  const std::optional<Middle> middle = analyse(options.compile, sink);
  if (!middle) return std::nullopt;
  const Workflow& workflow = middle->front.workflow;
  if (options.of == "steps") return draw_steps(workflow, middle->graph);
  const std::uint64_t tasks = count_tasks(workflow, middle->graph);
  if (tasks > kMostTasks && !options.force) {
    std::cerr << fmt::format(
        "wfc graph: error: a graph of {} tasks is too large to read (the limit is {})\n"
        "  help: draw the steps or the jobs, or use --force\n",
        with_commas(tasks),
        with_commas(kMostTasks));
    return std::nullopt;
  }
  return draw_tasks(workflow, middle->graph);
}

int print(const Drawing& drawing, const std::string& format) {
  if (format != "svg") {
    std::cout << (format == "mermaid" ? to_mermaid(drawing)
                  : format == "json"  ? to_json(drawing)
                                      : to_dot(drawing));
    return 0;
  }
  const SvgResult result = to_svg(to_dot(drawing));
  if (!result.error.empty()) {
    std::cerr << "wfc graph: error: " << wfr::visible_text(result.error)
              << "\n  help: install graphviz, or use --format dot, mermaid or json\n";
    return 1;
  }
  std::cout << result.svg;
  return 0;
}

int run(const GraphOptions& options) {
  Sink sink;
  const std::optional<Drawing> drawing = draw(options, sink);
  const int status = finish(sink);
  if (!drawing) return 1;
  const int printed = print(*drawing, options.format);
  return printed != 0 ? printed : status;
}

}  // namespace

void add_graph(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("graph", "draw the steps, the jobs or the tasks");
  auto options = std::make_shared<GraphOptions>();
  add_compile_options(*command, options->compile);
  command->add_option("--of", options->of, "what to draw: steps, jobs or tasks")
      ->check(one_of({"steps", "jobs", "tasks"}));
  command->add_option("--format", options->format, "dot, mermaid, json or svg")
      ->check(one_of({"dot", "mermaid", "json", "svg"}));
  command->add_flag("--force", options->force, "draw more than 2,000 tasks");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
