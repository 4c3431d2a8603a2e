// wfc tune: what earlier runs have used, as resources.lock.toml.
#include "compiler/commands/command.hpp"
#include "compiler/driver/read_source.hpp"
#include "compiler/driver/write_file.hpp"
#include "compiler/syntax/parse.hpp"
#include "compiler/tune/lock_text.hpp"
#include "compiler/tune/table.hpp"
#include "runtime/plan/visible.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// What an older lock says; one that cannot be read is written anew.
std::map<std::string, Proposal> older_lock(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  Sink unheard;
  const auto source = read_source(file, unheard);
  if (!source) return {};
  const ast::Document document = parse(source, unheard);
  return unheard.has_errors() ? std::map<std::string, Proposal>() : read_proposals(document);
}

std::string other_commands_text(const Usage& usage) {
  std::string text;
  for (const auto& [name, step] : usage) {
    if (step.of_other_commands == 0) continue;
    text += fmt::format(
        "{}: {} attempts of an earlier command are ignored\n", name, step.of_other_commands);
  }
  return text;
}

int tune(const CompileOptions& given, bool dry_run) {
  // What the workflow itself asks for is compared, not an earlier lock.
  CompileOptions options = given;
  options.no_lock = true;
  Sink sink;
  const std::optional<Frontend> front = check(options, sink);
  if (finish(sink) != 0 || !front) return 1;
  const Usage usage = read_usage(options.out);
  const fs::path file = options.workflow.parent_path() / kLockFile;
  const Lock lock = make_lock(front->workflow, usage, older_lock(file));
  const bool learned = std::any_of(
      lock.begin(), lock.end(), [](const auto& entry) { return entry.second.usage != nullptr; });
  if (!learned) {
    std::cerr << fmt::format(
        "wfc tune: error: no task of `{}` has run yet with out directory `{}`\n",
        wfr::visible_text(options.workflow.string()),
        wfr::visible_text(options.out.string()));
    return 1;
  }
  std::cout << tune_table(front->workflow, lock) << other_commands_text(usage);
  if (dry_run) return 0;
  write_whole_file(file, lock_text(front->workflow, lock), false);
  std::cout << fmt::format("wrote {}: the next compile will request these values\n",
                           wfr::visible_text(file.string()));
  return 0;
}

}  // namespace

void add_tune(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "tune", "write resources.lock.toml: the memory and time that earlier runs used");
  auto options = std::make_shared<CompileOptions>();
  auto dry_run = std::make_shared<bool>(false);
  add_compile_options(*command, *options);
  command->add_flag("-n,--dry-run", *dry_run, "print the table without writing the file");
  command->callback([options, dry_run, &action] {
    action = [options, dry_run] { return tune(*options, *dry_run); };
  });
}

}  // namespace wfc
