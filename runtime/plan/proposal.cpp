// Commands that work from where the user stands.
#include "runtime/plan/proposal.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::array kCommands = {
#define WFR_PROPOSAL(id, command) std::string_view(command),
#include "runtime/plan/proposals.def"
#undef WFR_PROPOSAL
};

// One word for bash.
std::string word_text(std::string_view word) {
  const std::string quoted = shell_quote(word);
  if (visible_text(word) == word && word.find('\n') == std::string_view::npos) return quoted;
  std::string text = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte >= 0x7FU || c == '\\' || c == '\'') {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::string words_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word_text(word);
  return text;
}

std::string path_text(const fs::path& path, const Caller& caller) {
  return word_text(shown_path(path, caller.directory));
}

// The workflow file and what it was compiled with. The default of --out goes without saying.
std::string workflow_text(const Caller& caller) {
  std::string text = path_text(caller.workflow, caller);
  if ((caller.directory / caller.out).lexically_normal() != caller.directory / "out") {
    text += " -o " + path_text(caller.out, caller);
  }
  const std::string more = words_text(caller.options);
  return text + (more.empty() ? "" : " ") + more;
}

std::string part_text(std::string_view name,
                      const Caller& caller,
                      const std::vector<std::string>& words) {
  if (name == "wfc") return word_text(caller.program);
  if (name == "words") return words_text(words);
  if (name == "out") return path_text(caller.out, caller);
  if (name == "workflow") return workflow_text(caller);
  if (name == "subject") {
    return caller.workflow.empty() ? path_text(caller.out, caller) : workflow_text(caller);
  }
  // A program of the working directory is not found by its name alone.
  const std::string submit = shown_path(caller.out / "submit.sh", caller.directory);
  return word_text(submit.find('/') == std::string::npos ? "./" + submit : submit);
}

}  // namespace

Caller caller_in(const fs::path& out) {
  Caller caller;
  caller.out = out;
  caller.directory = fs::current_path();
  const fs::path program = out / "bin" / "wfc";
  std::error_code error;
  if (fs::exists(program, error)) caller.program = shown_path(program, caller.directory);
  return caller;
}

std::string shown_path(const fs::path& path, const fs::path& directory) {
  const fs::path whole = (directory / path).lexically_normal();
  const fs::path relative = whole.lexically_relative(directory);
  const bool below = !relative.empty() && *relative.begin() != "..";
  std::string text = below ? relative.string() : whole.string();
  // It shall not look like an option.
  return text.starts_with('-') ? "./" + text : text;
}

std::string propose(Proposal proposal,
                    const Caller& caller,
                    const std::vector<std::string>& words) {
  std::string_view command = kCommands.at(static_cast<std::size_t>(proposal));
  std::string text;
  while (!command.empty()) {
    const std::size_t open = std::min(command.find('{'), command.size());
    text += command.substr(0, open);
    command.remove_prefix(open);
    if (command.empty()) break;
    const std::size_t close = command.find('}');
    text += part_text(command.substr(1, close - 1), caller, words);
    command.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace wfr
