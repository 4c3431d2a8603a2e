// wfc: argv -> subcommand -> exit status.
#include "compiler/commands/command.hpp"

#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"wfc compiles a workflow over a hierarchy of data directories into plain Slurm",
               "wfc"};
  app.set_version_flag("--version", "wfc " WFC_VERSION);
  app.require_subcommand(1);
  wfc::Action action;
#define WFC_COMMAND(name) wfc::add_##name(app, action);
#include "compiler/commands/commands.def"
#undef WFC_COMMAND
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  try {
    return action();
  } catch (const std::exception& error) {
    // Whatever a pass could foresee is in its sink; this is a failing disk or a bug.
    std::cerr << "wfc: error: " << error.what() << '\n';
    return 1;
  }
}
