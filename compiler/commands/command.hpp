// What every subcommand shares. Only this directory sees CLI11.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/driver/compile.hpp"
#include "runtime/plan/proposal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace wfc {

// Set by the subcommand that was chosen; run after parsing. Exit status: 0 good, 1 the workflow or
// the run has an error, 2 the command line is wrong.
using Action = std::function<int()>;

// The words of a command line that are no options.
struct Words {
  std::vector<std::string>* targets = nullptr;  // null: the command takes none
  bool takes_out = false;  // an out directory may stand in the place of the workflow file
};
// [WORKFLOW] [TARGET]..., --out, --site, --set, --templates: what every compiling command takes.
// The first word is the workflow file if it ends in `.toml` (or an out directory, where that is
// taken), else a target. Without a file it is ./workflow.toml; where `takes_out`, the file is left
// empty if --out was said or there is none.
void add_compile_options(CLI::App& command, CompileOptions& options, const Words& words = {});
// A check of an option that takes one of these words, with an error that names them.
std::function<std::string(const std::string&)> one_of(std::vector<std::string> words);
// Prints what the sink holds on stderr (or as JSON with --json-errors) and gives 1 if it has
// errors, else 0.
int finish(const Sink& sink);
// argv[0], as main() was given it: for the commands that messages propose.
void set_program(std::string program);
const std::string& program_name();
// Where the user of these options stands.
wfr::Caller caller_of(const CompileOptions& options);
// True when stderr is a terminal and NO_COLOR is unset.
bool use_colour();
// What is wrong with a command line, in the words of wfc: for CLI::App::failure_message().
std::string usage_error(const CLI::App& app, const std::string& what);

// add_NAME(), one per file of this directory.
#define WFC_COMMAND(name) void add_##name(CLI::App& app, Action& action);
#include "compiler/commands/commands.def"
#undef WFC_COMMAND

}  // namespace wfc
