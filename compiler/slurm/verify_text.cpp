// Splits emitted text into lines and words.
#include "compiler/slurm/verify_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace wfc::readback {
namespace {

bool plain_in_shell(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("_-./:=,+@%^").find(c) != std::string_view::npos;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr std::string_view kAllArguments = "\"$@\"";

// One word of the shell from `at` on, which is moved past it.
std::optional<std::string> shell_word(std::string_view text, std::size_t& at) {
  if (text.substr(at, kAllArguments.size()) == kAllArguments) {
    at += kAllArguments.size();
    return std::string(kAllArguments);
  }
  std::string word;
  while (at < text.size() && !is_blank(text[at]) && text[at] != '\n') {
    if (text[at] == '\'') {
      const std::size_t close = text.find('\'', at + 1);
      if (close == std::string_view::npos) return std::nullopt;
      word += text.substr(at + 1, close - at - 1);
      at = close + 1;
    } else if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n') {
      word += text[at + 1];
      at += 2;
    } else if (plain_in_shell(text[at])) {
      word += text[at++];
    } else {
      return std::nullopt;
    }
  }
  return word;
}

}  // namespace

void Report::operator()(Kind kind, Span span, std::string message, std::string help) {
  // Only what a template says can be wrong in a script without the compiler being wrong.
  const bool of_template = kind == Kind::ScriptNotUnderstood || kind == Kind::WrongOption;
  if (when_ == VerifyWhen::BuiltInTemplates) {
    help =
        "this is a bug of wfc, not a fault of the workflow; nothing was written: please report it "
        "with the workflow file";
  } else if (when_ == VerifyWhen::OwnTemplates && !of_template) {
    help =
        "nothing was written: keep every line of the built-in templates in those of `--templates`; "
        "if none is missing, please report this as a bug of wfc";
  }
  sink_.report(kind, span, std::move(message), std::move(help));
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back({text.substr(at, end - at), static_cast<std::uint32_t>(lines.size() + 1)});
    at = end + 1;
  }
  return lines;
}

Span span_of(const Source& source, const Line& line) {
  const auto end = static_cast<std::uint32_t>(line.text.size() + 1);
  return {source.get(), line.number, 1, line.number, end};
}

Span start_of(const Source& source) {
  return {source.get(), 1, 1, 1, 1};
}

std::optional<Command> shell_command(std::string_view text, std::size_t begin) {
  Command command;
  std::size_t at = begin;
  while (at < text.size() && text[at] != '\n') {
    if (is_blank(text[at])) {
      ++at;
    } else if (text.substr(at, 2) == "\\\n") {
      at += 2;  // goes on in the next line
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      std::optional<std::string> word = shell_word(text, at);
      if (!word) return std::nullopt;
      command.words.push_back(std::move(*word));
    }
  }
  command.end = std::min(at + 1, text.size());
  return command;
}

std::optional<std::vector<std::string>> sbatch_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = '\0';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word += text[++at];
      inside = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == '#') {
      break;
    } else if (!is_blank(c)) {
      word += c;
      inside = true;
    } else if (inside) {
      words.push_back(std::move(word));
      word.clear();
      inside = false;
    }
  }
  if (quote != '\0') return std::nullopt;
  if (inside) words.push_back(std::move(word));
  return words;
}

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool zeros = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || zeros ||
      value == std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace wfc::readback
