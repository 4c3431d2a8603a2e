// The manual page, written from what the command line says of itself.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
class Option;
}  // namespace CLI

namespace wfc {

struct CommandHelp {
  std::string name;
  std::string summary;
  std::vector<const CLI::Option*> positionals;
  std::vector<const CLI::Option*> options;
};

// Every subcommand in the order of `wfc --help`. The options point into `app`.
std::vector<CommandHelp> describe_commands(const CLI::App& app);
// False for a flag.
bool takes_value(const CLI::Option& option);
// wfc(1) in roff; the same build gives the same bytes.
std::string manual_page(const std::vector<CommandHelp>& commands);

}  // namespace wfc
