// wfc schema: the JSON Schema of the language, for editors.
#include "compiler/workflow/schema.hpp"

#include "compiler/commands/command.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

namespace wfc {

void add_schema(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("schema", "print the JSON Schema of workflow files, for editors");
  command->callback([&action] {
    action = [] {
      std::cout << language_schema() << '\n';
      return 0;
    };
  });
}

}  // namespace wfc
