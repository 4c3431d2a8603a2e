// What is wrong with a command line: CLI11 finds it, wfc says it.
#include "compiler/commands/command.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

std::string with_hint(std::string text,
                      const std::string& word,
                      const std::vector<std::string>& candidates) {
  const std::string hint = did_you_mean(word, candidates);
  return hint.empty() ? text : std::move(text) + "; " + hint;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// Of a word that nobody has taken.
std::string unknown_word(const CLI::App& app, bool chosen, std::string word) {
  word = word.substr(0, word.find('='));
  if (word.starts_with('-')) {
    return with_hint("unknown option `" + word + "`", word, option_names(app));
  }
  if (chosen) return "unexpected argument `" + word + "`";
  return with_hint("unknown command `" + word + "`", word, command_names(app));
}

}  // namespace

std::string usage_error(const CLI::App& app, const std::string& what) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  std::vector<std::string> words = app.remaining(true);
  // An option that is wrong is why its value stands there as a word.
  std::stable_partition(
      words.begin(), words.end(), [](const std::string& word) { return word.starts_with('-'); });
  std::string text = what;
  if (!words.empty()) {
    text = unknown_word(command, !chosen.empty(), words.front());
  } else if (chosen.empty()) {
    text = "no command is given";
  }
  wfr::Caller caller;
  caller.program = program_name();
  std::vector<std::string> help{"--help"};
  if (!chosen.empty()) help.insert(help.begin(), command.get_name());
  return fmt::format("wfc{}{}: error: {}\n  help: {}\n",
                     chosen.empty() ? "" : " ",
                     chosen.empty() ? "" : command.get_name(),
                     wfr::visible_text(text),
                     propose(wfr::Proposal::Help, caller, help));
}

}  // namespace wfc
