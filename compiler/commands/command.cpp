// Options and output that every compiling command shares.
#include "compiler/commands/command.hpp"

#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
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

constexpr const char* kDefaultWorkflow = "workflow.toml";

// `hottest:a.toml` is a target, unless there is a file of that name.
bool is_workflow_name(const std::string& word) {
  std::error_code error;
  return word.ends_with(".toml") &&
         (word.find(':') == std::string::npos || std::filesystem::exists(word, error));
}

// CLI11 has put the first word into `workflow`, whatever it is.
void settle_words(const CLI::App& command, CompileOptions& options, const Words& words) {
  // What is wrong with an option is said first.
  if (command.remaining_size() > 0) return;
  std::error_code error;
  const std::string first = options.workflow.string();
  const bool target_only = words.targets != nullptr && words.targets->empty();
  const bool out = words.takes_out && !target_only && std::filesystem::is_directory(first, error);
  if (!first.empty() && (out || is_workflow_name(first))) return;
  if (!first.empty() && words.targets == nullptr) {
    throw CLI::ValidationError(
        fmt::format("`{}` is not a workflow file{}: the name of one ends in `.toml`",
                    wfr::visible(first),
                    words.takes_out ? " or a directory" : ""));
  }
  if (!first.empty()) words.targets->insert(words.targets->begin(), first);
  options.workflow.clear();
  const bool there = std::filesystem::exists(kDefaultWorkflow, error);
  if (words.takes_out && (!there || command.count("--out") > 0)) return;
  if (!there) {
    throw CLI::ValidationError(fmt::format(
        "there is no `{}` in this directory: name the workflow file", kDefaultWorkflow));
  }
  options.workflow = kDefaultWorkflow;
}

}  // namespace

void set_program(std::string given) {
  program() = std::move(given);
}

const std::string& program_name() {
  return program();
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

void add_compile_options(CLI::App& command, CompileOptions& options, const Words& words) {
  command.add_option(
      "workflow",
      options.workflow,
      words.takes_out
          ? "the workflow file (`workflow.toml` if none is named), or an out directory: "
            "the plan that was last run or submitted from it"
          : "the workflow file; `workflow.toml` if none is named");
  if (words.targets != nullptr) {
    command.add_option("targets",
                       *words.targets,
                       "steps (`highpass`) or tasks (`highpass:session01/array02`, "
                       "`highpass:session01`, `highpass:session*`)");
  }
  command.parse_complete_callback(
      [&command, &options, words] { settle_words(command, options, words); });
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

std::function<std::string(const std::string&)> one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& text) {
    if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
    const std::vector<std::string> first(words.begin(), words.end() - 1);
    return fmt::format("needs {}{}{}, not `{}`",
                       fmt::join(first, ", "),
                       first.empty() ? "" : " or ",
                       words.back(),
                       wfr::visible_text(text));
  };
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
