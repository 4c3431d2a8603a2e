// What every subcommand shares. Only this folder sees CLI11.
#pragma once

#include <functional>
#include <iostream>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/driver/compile.hpp"

namespace CLI {
class App;
}

namespace wfc {

// Set by the subcommand that was chosen; run after parsing. Exit status: 0 good, 1 the workflow or
// the run has an error, 2 the command line is wrong.
using Action = std::function<int()>;

// WORKFLOW, --out, --site, --set, --templates: the options that every compiling command takes.
void add_compile_options(CLI::App& command, CompileOptions& options);
// Prints what the sink holds on stderr (or as JSON with --json-errors) and gives 1 if it has errors, else 0.
int finish(const Sink& sink);
// True when stderr is a terminal and NO_COLOR is unset.
bool use_colour();

// One per file of this folder.
void add_compile(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_graph(CLI::App& app, Action& action);
void add_kernels(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_schema(CLI::App& app, Action& action);
void add_touch(CLI::App& app, Action& action);
void add_status(CLI::App& app, Action& action);
void add_why(CLI::App& app, Action& action);

}  // namespace wfc
