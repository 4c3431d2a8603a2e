// Options and output that every compiling command shares.
#include "compiler/commands/command.hpp"

#include <cstdlib>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace wfc {
namespace {

bool& json_errors() {
  static bool value = false;
  return value;
}

std::string& program() {
  static std::string value = "wfc";
  return value;
}

}  // namespace

void set_program(std::string given) {
  program() = std::move(given);
}

wfr::Caller caller_of(const CompileOptions& options) {
  wfr::Caller caller;
  caller.program = program();
  caller.workflow = options.workflow;
  caller.directory = std::filesystem::current_path();
  caller.out = (caller.directory / options.out).lexically_normal();
  if (!options.site.empty()) caller.options = {"--site", options.site};
  for (const auto& [name, value] : options.sets) {
    caller.options.insert(caller.options.end(), {"--set", name + "=" + value});
  }
  if (!options.templates.empty()) {
    caller.options.insert(caller.options.end(), {"--templates", options.templates.string()});
  }
  if (options.no_lock) caller.options.emplace_back("--no-lock");
  return caller;
}

void add_compile_options(CLI::App& command, CompileOptions& options) {
  command.add_option("workflow", options.workflow, "the workflow file")->required();
  command.add_option("-o,--out", options.out, "where scripts, plan and state are kept")
      ->capture_default_str();
  command.add_option("--site", options.site, "the site to compile for");
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&options](const std::vector<std::string>& sets) {
            for (const std::string& set : sets) {
              const std::size_t equals = set.find('=');
              if (equals == std::string::npos || equals == 0) {
                throw CLI::ValidationError("--set", "needs NAME=VALUE, not `" + set + "`");
              }
              options.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
            }
          },
          "set a parameter of the workflow: NAME=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--templates",
                  options.templates,
                  "a directory of templates that replace the built-in ones")
      ->check(CLI::ExistingDirectory);
  command.add_flag(
      "--no-lock", options.no_lock, "ignore resources.lock.toml, which `wfc tune` writes");
  command.add_flag("--json-errors", json_errors(), "print diagnostics as JSON");
}

bool use_colour() {
  return isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

int finish(const Sink& sink) {
  if (json_errors()) {
    std::cerr << render_json(sink) << '\n';
  } else {
    std::cerr << render(sink, use_colour());
  }
  return sink.has_errors() ? 1 : 0;
}

}  // namespace wfc
