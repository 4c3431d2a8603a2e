// wfc: argv -> subcommand -> exit status.
#include "compiler/commands/command.hpp"
#include "runtime/plan/temporary.hpp"
#include "runtime/plan/visible.hpp"

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

namespace {

// No option has a use for an empty value, and most would take it for none.
void refuse_empty_values(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty()) throw CLI::ValidationError(option->get_name(), "the value is empty");
    }
  }
}

int run(int argc, char** argv) {
  CLI::App app{"wfc compiles a workflow over a hierarchy of data directories into plain Slurm",
               "wfc"};
  app.set_version_flag("--version", "wfc " WFC_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return wfc::usage_error(*failed, error.what());
  });
  wfc::set_program(argc > 0 ? argv[0] : "wfc");
  wfc::Action action;
#define WFC_COMMAND(name) wfc::add_##name(app, action);
#include "compiler/commands/commands.def"
#undef WFC_COMMAND
  try {
    app.parse(argc, argv);
    for (const CLI::App* command : app.get_subcommands()) refuse_empty_values(*command);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  wfr::mend_tmpdir("wfc");
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    // Whatever a pass could foresee is in its sink; this is a failing disk or a bug.
    std::fprintf(stderr, "wfc: error: %s\n", wfr::visible_text(error.what()).c_str());
    return 1;
  } catch (...) {
    return 1;
  }
}
