// wfc(1) in roff, from the subcommands and options that CLI11 holds.
#include "compiler/commands/manual.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

// A leading dot or quote is a request in roff, and a bare '-' is a hyphen, not an option's dash.
std::string roff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  if (!result.empty() && (result.front() == '.' || result.front() == '\'')) result.insert(0, "\\&");
  return result;
}

std::string option_entry(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += fmt::format(R"(\fB\-{}\fR, )", name);
  for (const std::string& name : option.get_lnames()) {
    names += fmt::format(R"(\fB\-\-{}\fR, )", roff(name));
  }
  names.resize(names.size() - 2);
  if (takes_value(option)) names += " \\fIVALUE\\fR";
  return fmt::format(".TP\n{}\n{}\n", names, roff(option.get_description()));
}

std::string command_section(const CommandHelp& command) {
  std::string words = fmt::format("wfc {}", command.name);
  for (const CLI::Option* option : command.positionals) {
    const std::string name = option->get_name(true);
    words += option->get_required() ? fmt::format(" {}", name) : fmt::format(" [{}]", name);
  }
  std::string text = fmt::format(".SS \"{}\"\n{}\n", roff(words), roff(command.summary));
  for (const CLI::Option* option : command.options) text += option_entry(*option);
  return text;
}

}  // namespace

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() != 0;
}

std::vector<CommandHelp> describe_commands(const CLI::App& app) {
  std::vector<CommandHelp> commands;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    CommandHelp help{sub->get_name(), sub->get_description(), {}, {}};
    for (const CLI::Option* option : sub->get_options()) {
      (option->get_positional() ? help.positionals : help.options).push_back(option);
    }
    commands.push_back(std::move(help));
  }
  return commands;
}

std::string manual_page(const std::vector<CommandHelp>& commands) {
  std::string text = fmt::format(
      ".TH WFC 1 \"\" \"wfc {}\" \"User Commands\"\n"
      ".SH NAME\n"
      "wfc \\- compile a workflow over a hierarchy of data directories into plain Slurm\n"
      ".SH SYNOPSIS\n"
      ".B wfc\n"
      ".I COMMAND\n"
      "[\\fIOPTIONS\\fR] ...\n"
      ".SH DESCRIPTION\n"
      "A workflow is one TOML file of levels (the directories of the data), steps (what is done "
      "in\n"
      "each of them) and sites (what differs between machines).\n"
      ".B wfc compile\n"
      "writes sbatch scripts and a submit.sh that carry every dependency;\n"
      ".B wfc run\n"
      "executes the same plan on this machine. Work that is done and still up to date is not done\n"
      "again.\n"
      ".SH COMMANDS\n",
      WFC_VERSION);
  for (const CommandHelp& command : commands) text += command_section(command);
  text +=
      ".SH EXIT STATUS\n"
      "0: all is well. 1: the workflow or a task of it has an error. 2: the command line is "
      "wrong.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B NO_COLOR\nif set, messages have no colour.\n"
      ".SH FILES\n"
      ".TP\n.I workflow.toml\nthe workflow; `wfc schema` describes it to editors.\n"
      ".TP\n.I out/\nscripts, plan, state and logs; out/submit.sh submits.\n"
      ".SH SEE ALSO\n"
      ".BR wfr (1),\n.BR sbatch (1)\n";
  return text;
}

}  // namespace wfc
