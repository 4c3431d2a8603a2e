// wfc graph: the workflow as a picture of its steps, its jobs or its tasks.
#include "compiler/commands/command.hpp"
#include "compiler/view/render.hpp"

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::uint64_t kMostTasks = 2000;

enum class GraphOf : std::uint8_t { Steps, Jobs, Tasks };
enum class GraphFormat : std::uint8_t { Dot, Mermaid, Json, Svg };

struct GraphOptions {
  CompileOptions compile;
  GraphOf of = GraphOf::Steps;
  GraphFormat format = GraphFormat::Dot;
  bool force = false;
};

// nullopt after an error, which is then in the sink or on stderr.
std::optional<Drawing> draw(const GraphOptions& options, Sink& sink) {
  if (options.of == GraphOf::Jobs) {
    const std::optional<Compiled> compiled = compile(options.compile, false, sink);
    if (!compiled) return std::nullopt;
    return draw_jobs(compiled->front.workflow, compiled->plan);
  }
  const std::optional<Middle> middle = analyse(options.compile, sink);
  if (!middle) return std::nullopt;
  const Workflow& workflow = middle->front.workflow;
  if (options.of == GraphOf::Steps) return draw_steps(workflow, middle->graph);
  const std::uint64_t tasks = count_tasks(workflow, middle->graph);
  if (tasks > kMostTasks && !options.force) {
    std::cerr << fmt::format(
        "wfc graph: error: {} tasks are too many to look at (more than {})\n"
        "help: draw the steps or the jobs, or say --force\n",
        with_commas(tasks),
        with_commas(kMostTasks));
    return std::nullopt;
  }
  return draw_tasks(workflow, middle->graph);
}

int print(const Drawing& drawing, GraphFormat format) {
  switch (format) {
    case GraphFormat::Mermaid:
      std::cout << to_mermaid(drawing);
      return 0;
    case GraphFormat::Json:
      std::cout << to_json(drawing);
      return 0;
    case GraphFormat::Dot:
      std::cout << to_dot(drawing);
      return 0;
    case GraphFormat::Svg:
      break;
  }
  const SvgResult result = to_svg(to_dot(drawing));
  if (!result.error.empty()) {
    std::cerr << "wfc graph: error: " << result.error
              << "\nhelp: install graphviz, or take --format dot, mermaid or json\n";
    return 1;
  }
  std::cout << result.svg;
  return 0;
}

int run(const GraphOptions& options) {
  Sink sink;
  const std::optional<Drawing> drawing = draw(options, sink);
  const int status = finish(sink);
  if (!drawing || status != 0) return 1;
  return print(*drawing, options.format);
}

}  // namespace

void add_graph(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("graph", "draw the steps, the jobs or the tasks");
  auto options = std::make_shared<GraphOptions>();
  add_compile_options(*command, options->compile);
  const std::map<std::string, GraphOf> ofs{
      {"steps", GraphOf::Steps}, {"jobs", GraphOf::Jobs}, {"tasks", GraphOf::Tasks}};
  const std::map<std::string, GraphFormat> formats{{"dot", GraphFormat::Dot},
                                                   {"mermaid", GraphFormat::Mermaid},
                                                   {"json", GraphFormat::Json},
                                                   {"svg", GraphFormat::Svg}};
  command->add_option("--of", options->of, "what to draw: steps, jobs or tasks")
      ->transform(CLI::CheckedTransformer(ofs));
  command->add_option("--format", options->format, "dot, mermaid, json or svg")
      ->transform(CLI::CheckedTransformer(formats));
  command->add_flag("--force", options->force, "draw more than 2,000 tasks");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
