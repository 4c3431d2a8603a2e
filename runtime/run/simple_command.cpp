// A small reader of the part of bash's grammar that means nothing special.
#include "runtime/run/simple_command.hpp"

#include <algorithm>
#include <array>

namespace wfr {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:,@%+=").find(c) != std::string_view::npos;
}

// What bash would not look up in PATH.
bool is_bash_word(std::string_view word) {
  static constexpr std::array kWords{
      "!",       ".",       ":",      "alias",   "bg",       "bind",     "break",     "builtin",
      "caller",  "case",    "cd",     "command", "compgen",  "complete", "compopt",   "continue",
      "coproc",  "declare", "dirs",   "disown",  "do",       "done",     "echo",      "elif",
      "else",    "enable",  "esac",   "eval",    "exec",     "exit",     "export",    "false",
      "fc",      "fg",      "fi",     "for",     "function", "getopts",  "hash",      "help",
      "history", "if",      "in",     "jobs",    "kill",     "let",      "local",     "logout",
      "mapfile", "popd",    "printf", "pushd",   "pwd",      "read",     "readarray", "readonly",
      "return",  "select",  "set",    "shift",   "shopt",    "source",   "suspend",   "test",
      "then",    "time",    "times",  "trap",    "true",     "type",     "typeset",   "ulimit",
      "umask",   "unalias", "unset",  "until",   "wait",     "while"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

std::optional<std::vector<std::string>> simple_command(std::string_view source) {
  while (!source.empty() && (is_blank(source.back()) || source.back() == '\n')) {
    source.remove_suffix(1);
  }
  std::vector<std::string> words;
  std::size_t i = 0;
  while (i < source.size()) {
    while (i < source.size() && is_blank(source[i])) ++i;
    std::string word;
    while (i < source.size() && !is_blank(source[i])) {
      if (source[i] == '\'') {
        const std::size_t end = source.find('\'', i + 1);
        if (end == std::string_view::npos) return std::nullopt;
        word += source.substr(i + 1, end - i - 1);
        i = end + 1;
      } else if (source[i] == '\\' && i + 1 < source.size() && source[i + 1] == '\'') {
        word += '\'';
        i += 2;
      } else if (is_safe(source[i])) {
        word += source[i++];
      } else {
        return std::nullopt;
      }
    }
    // An assignment before the command.
    if (words.empty() && (word.empty() || word.find('=') != std::string::npos)) return std::nullopt;
    words.push_back(std::move(word));
  }
  if (words.empty() || is_bash_word(words[0])) return std::nullopt;
  return words;
}

}  // namespace wfr
