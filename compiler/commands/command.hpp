// What every subcommand shares. Only this folder sees CLI11.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/driver/compile.hpp"
#include "runtime/plan/proposal.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace wfc {

// Set by the subcommand that was chosen; run after parsing. Exit status: 0 good, 1 the workflow or
// the run has an error, 2 the command line is wrong.
using Action = std::function<int()>;

// WORKFLOW, --out, --site, --set, --templates: the options that every compiling command takes.
void add_compile_options(CLI::App& command, CompileOptions& options);
// Prints what the sink holds on stderr (or as JSON with --json-errors) and gives 1 if it has
// errors, else 0.
int finish(const Sink& sink);
// argv[0], as main() was given it: for the commands that messages propose.
void set_program(std::string program);
// Where the user of these options stands.
wfr::Caller caller_of(const CompileOptions& options);
// True when stderr is a terminal and NO_COLOR is unset.
bool use_colour();

// add_NAME(), one per file of this folder.
#define WFC_COMMAND(name) void add_##name(CLI::App& app, Action& action);
#include "compiler/commands/commands.def"
#undef WFC_COMMAND

}  // namespace wfc
