// wfc completion: shell completions and the manual page, from the command line's own description,
// so that they cannot disagree with it.
#include "compiler/commands/command.hpp"
#include "compiler/commands/manual.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

std::vector<std::string> spellings(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.push_back("-" + name);
  return words;
}

// Within a single-quoted word of a shell.
std::string quoted(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return "'" + result + "'";
}

// The names of the steps of ./workflow.toml, one a line: targets. Without a quote of its own.
constexpr const char* kStepNames =
    R"(awk -F\" '/^\[/ {step = /^\[\[step\]\]/} step && /^name *=/ {print $2}' workflow.toml 2>/dev/null)";

bool takes_targets(const CommandHelp& command) {
  return std::any_of(command.positionals.begin(),
                     command.positionals.end(),
                     [](const CLI::Option* option) { return option->get_name(true) == "targets"; });
}

std::string bash_completion(const std::vector<CommandHelp>& commands) {
  std::string names;
  std::string cases;
  std::string targets;
  for (const CommandHelp& command : commands) {
    if (takes_targets(command)) targets += (targets.empty() ? "" : "|") + command.name;
    names += (names.empty() ? "" : " ") + command.name;
    std::string words;
    for (const CLI::Option* option : command.options) {
      for (const std::string& word : spellings(*option)) words += (words.empty() ? "" : " ") + word;
    }
    cases += fmt::format("    {}) words='{}' ;;\n", command.name, words);
  }
  return fmt::format(
      "# bash completion for wfc\n"
      "_wfc() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} words=''\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case $command in\n"
      "{}"
      "  esac\n"
      "  COMPREPLY=()\n"
      "  # Anything but an option or a step is a file: left to bash by `-o default`.\n"
      "  if [[ $current == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "  elif [[ $command =~ ^({})$ ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$({})\" -- \"$current\")\n"
      "  fi\n"
      "}}\n"
      "complete -o default -F _wfc wfc\n",
      names,
      cases,
      targets,
      kStepNames);
}

std::string zsh_completion(const std::vector<CommandHelp>& commands) {
  std::string text =
      "#compdef wfc\n"
      "# zsh completion for wfc\n"
      "_wfc_steps() { " +
      std::string(kStepNames) +
      "\n}\n"
      "local -a commands\n"
      "commands=(\n";
  for (const CommandHelp& command : commands) {
    text += fmt::format("  {}\n", quoted(command.name + ":" + command.summary));
  }
  text +=
      ")\n"
      "if (( CURRENT == 2 )); then\n"
      "  _describe command commands\n"
      "  return\n"
      "fi\n"
      "local chosen=$words[2]\n"
      "shift words; (( CURRENT-- ))\n"
      "case $chosen in\n";
  for (const CommandHelp& command : commands) {
    text += fmt::format("  {})\n    _arguments", command.name);
    for (const CLI::Option* option : command.options) {
      std::string summary = option->get_description();
      // A bracket or colon would end the description.
      for (char& c : summary) {
        if (c == '[' || c == ']' || c == ':') c = ' ';
      }
      const std::string value = takes_value(*option) ? ":value:_files" : "";
      for (const std::string& word : spellings(*option)) {
        text += fmt::format(" \\\n      {}", quoted(fmt::format("{}[{}]{}", word, summary, value)));
      }
    }
    if (takes_targets(command)) {
      text += fmt::format(
          " \\\n      '*:target:{{ compadd -- ${{(f)\"$(_wfc_steps)\"}}; _files }}'\n    ;;\n");
    } else {
      text += " \\\n      '*:file:_files'\n    ;;\n";
    }
  }
  return text + "esac\n";
}

std::string fish_completion(const std::vector<CommandHelp>& commands) {
  std::string text =
      fmt::format("# fish completion for wfc\nfunction __wfc_steps\n  {}\nend\n", kStepNames);
  for (const CommandHelp& command : commands) {
    text += fmt::format("complete -c wfc -n __fish_use_subcommand -f -a {} -d {}\n",
                        command.name,
                        quoted(command.summary));
    if (takes_targets(command)) {
      text +=
          fmt::format("complete -c wfc -n '__fish_seen_subcommand_from {}' -a \"(__wfc_steps)\"\n",
                      command.name);
    }
    for (const CLI::Option* option : command.options) {
      text += fmt::format("complete -c wfc -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : option->get_lnames()) text += " -l " + name;
      for (const std::string& name : option->get_snames()) text += " -s " + name;
      if (takes_value(*option)) text += " -r";
      text += fmt::format(" -d {}\n", quoted(option->get_description()));
    }
  }
  return text;
}

}  // namespace

void add_completion(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("completion", "print completions for a shell, or the manual page");
  auto form = std::make_shared<std::string>();
  command->add_option("form", *form, "bash, zsh, fish or man")
      ->required()
      ->check(one_of({"bash", "zsh", "fish", "man"}));
  command->callback([form, &app, &action] {
    action = [form, &app] {
      const std::vector<CommandHelp> commands = describe_commands(app);
      if (*form == "bash") std::cout << bash_completion(commands);
      if (*form == "zsh") std::cout << zsh_completion(commands);
      if (*form == "fish") std::cout << fish_completion(commands);
      if (*form == "man") std::cout << manual_page(commands);
      return 0;
    };
  });
}

}  // namespace wfc
