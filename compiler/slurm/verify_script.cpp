// Parses jobs/NAME.sbatch: the head that sbatch reads, then the body that bash reads.
#include "compiler/slurm/verify_script.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

constexpr std::string_view kOptionMark = "#SBATCH";
constexpr std::string_view kRun = "exec bin/wfr ";
constexpr std::string_view kTableBegin = "case \" $* \" in *' --table '*) ;; *) set -- --table ";
constexpr std::string_view kTableEnd = " \"$@\" ;; esac";

// Options that decide what runs when: each is given by wfc alone, once, and never abbreviated.
constexpr std::array<std::string_view, 9> kOwn = {"array",
                                                  "export",
                                                  "job-name",
                                                  "no-requeue",
                                                  "open-mode",
                                                  "output",
                                                  "requeue",
                                                  "signal",
                                                  "time"};
constexpr std::array<std::string_view, 15> kForbidden = {"chdir",
                                                         "comment",
                                                         "dependency",
                                                         "error",
                                                         "export-file",
                                                         "gid",
                                                         "hold",
                                                         "ignore-pbs",
                                                         "kill-on-invalid-dep",
                                                         "parsable",
                                                         "test-only",
                                                         "time-min",
                                                         "uid",
                                                         "wait",
                                                         "wrap"};
constexpr std::string_view kForbiddenLetters = "aDdeHJotW";

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// sbatch takes the beginning of a name for the name.
template <class Names>
bool abbreviates(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view full) {
    return full.size() > name.size() && full.starts_with(name);
  });
}

const char* const kRemoveHelp =
    "such options are for `submit.sh` or for other keys: remove it from the template";

class ScriptParser {
 public:
  ScriptParser(const Source& source, const std::string& name, Report& report)
      : report_(report), lines_(lines_of(source->text)) {
    script_.source = source;
    script_.name = name;
  }

  std::optional<Script> parse() {
    const std::string& text = script_.source->text;
    if (lines_.empty() || !lines_.front().text.starts_with("#!") ||
        lines_.front().text.find("bash") == std::string_view::npos) {
      fail_at(start_of(script_.source),
              "the script does not begin with `#!/bin/bash`",
              "Slurm takes only what names its interpreter: begin the template with that line");
      return std::nullopt;
    }
    if (text.find('\r') != std::string::npos || text.find('\0') != std::string::npos) {
      fail_at(start_of(script_.source),
              "the script holds carriage returns or NUL bytes, which sbatch refuses",
              "save the template with Unix line ends");
      return std::nullopt;
    }
    const std::size_t body = parse_head();
    parse_body(body);
    if (const auto array = script_.options.find("array"); array != script_.options.end()) {
      script_.array = parse_array_spec(array->second.value);
      if (!script_.array) {
        fail_at(array->second.span,
                fmt::format("`--array={}` is not a list of indices in ascending order",
                            array->second.value),
                "such as `0-3,7%2`; leave this option to wfc");
      }
    }
    if (failed_) return std::nullopt;
    return std::move(script_);
  }

 private:
  void fail_at(Span span, std::string message, std::string help) {
    failed_ = true;
    report_(Kind::ScriptNotUnderstood, span, std::move(message), std::move(help));
  }
  void fail(const Line& line, std::string message, std::string help) {
    fail_at(span_of(script_.source, line), std::move(message), std::move(help));
  }

  // Comments and options, up to the first command; gives the number of lines.
  std::size_t parse_head() {
    std::size_t i = 1;
    for (; i < lines_.size(); ++i) {
      const std::string_view text = lines_[i].text;
      const std::size_t first = text.find_first_not_of(" \t");
      if (first == std::string_view::npos) continue;
      if (text[first] != '#') break;
      if (text.starts_with(kOptionMark)) parse_option_line(lines_[i]);
    }
    return i;
  }

  void parse_option_line(const Line& line) {
    const std::string_view rest = line.text.substr(kOptionMark.size());
    const auto words = sbatch_words(rest);
    if (!words || words->empty() || rest.front() != ' ') {
      fail(line,
           "an option that cannot be read back",
           "one option a line, as `#SBATCH --mail-type=END`");
      return;
    }
    const std::string& word = words->front();
    if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      // `--nice -5` is one option, `--requeue --hold` would be two.
      const bool apart = equals == std::string::npos && words->size() == 2 &&
                         ((*words)[1].size() < 2 || (*words)[1].front() != '-' ||
                          number_in((*words)[1].substr(1)).has_value());
      if (words->size() > (apart ? 2U : 1U)) {
        fail(line, "more than one option in a line", "one option a line");
        return;
      }
      const std::string name =
          word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
      add_option(line,
                 name,
                 apart                         ? (*words)[1]
                 : equals == std::string::npos ? std::string()
                                               : word.substr(equals + 1));
      return;
    }
    if (word.size() < 2 || word.front() != '-' || words->size() > 2) {
      fail(line, "an option that cannot be read back", "one option a line, as `#SBATCH -M main`");
    } else if (kForbiddenLetters.find(word[1]) != std::string_view::npos) {
      fail(line, fmt::format("the option `-{}` has no place here", word[1]), kRemoveHelp);
    }
  }

  void add_option(const Line& line, const std::string& name, std::string value) {
    if (holds(kForbidden, name)) {
      fail(line, fmt::format("the option `--{}` has no place here", name), kRemoveHelp);
    } else if (!holds(kOwn, name) && (abbreviates(kOwn, name) || abbreviates(kForbidden, name))) {
      fail(
          line, fmt::format("sbatch may take `--{}` for another option", name), "write it in full");
    } else if (!script_.options
                    .emplace(name, Script::Option{std::move(value), span_of(script_.source, line)})
                    .second &&
               holds(kOwn, name)) {
      fail(line, fmt::format("the option `--{}` is given twice", name), "leave it to wfc");
    }
  }

  // Commands. What prepares the environment stands as it is; the last command runs wfr.
  void parse_body(std::size_t first) {
    bool trapped = false;
    const Line* run = nullptr;
    std::size_t quoted_until = 0;
    for (std::size_t i = first; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      const auto begin = static_cast<std::size_t>(line.text.data() - script_.source->text.data());
      if (begin < quoted_until) continue;
      if (line.text.starts_with("export ") || line.text == "export \\") {
        // A value of `env` may have several lines, and what they say is no command.
        const std::optional<Command> command = shell_command(script_.source->text, begin);
        if (command) quoted_until = command->end;
      } else if (line.text.starts_with(kOptionMark)) {
        fail(line,
             "an option after the first command, where sbatch does not look",
             "move it above the first command of the template");
      } else if (line.text.starts_with(kRun)) {
        if (run != nullptr) {
          fail(
              *run, "a second `exec bin/wfr` line", "the first one ends the script: keep only one");
        }
        run = &line;
      } else if (line.text.starts_with(kTableBegin)) {
        parse_table(line);
      } else if (line.text == "trap '' USR1") {
        trapped = trapped || run == nullptr;
      }
    }
    if (run == nullptr) {
      fail_at(start_of(script_.source),
              "the script has no line `exec bin/wfr job --plan ... \"$@\"`",
              "the job does nothing without it: keep the last line of the built-in `job.sbatch`");
      return;
    }
    script_.run_line = span_of(script_.source, *run);
    parse_run(*run);
    if (script_.options.contains("signal") && !trapped) {
      fail_at(script_.options.at("signal").span,
              "the script has no line `trap '' USR1`",
              "the shell would die of the signal before wfr runs: keep that line of `job.sbatch`");
    }
  }

  void parse_table(const Line& line) {
    std::string_view rest = line.text.substr(kTableBegin.size());
    if (!rest.ends_with(kTableEnd) || !script_.table.empty()) {
      fail(line,
           "the line that names the index table cannot be read back",
           "keep it as it is in the built-in `job.sbatch`");
      return;
    }
    rest.remove_suffix(kTableEnd.size());
    script_.table = std::string(rest);
    script_.table_line = span_of(script_.source, line);
  }

  // exec bin/wfr job --plan HASH --array NAME "$@", to the end of the file.
  void parse_run(const Line& line) {
    const std::string& text = script_.source->text;
    const auto begin = static_cast<std::size_t>(line.text.data() - text.data());
    const std::optional<Command> command = shell_command(text, begin);
    const bool last = command && command->end == text.size() && text.back() == '\n';
    if (!last || !take_words(command->words)) {
      fail(line,
           "the line that runs wfr cannot be read back, or is not the last",
           "keep `exec bin/wfr {{{command}}} --plan {{{plan}}} {{{selection}}}\"$@\"` as the "
           "template's last line");
    }
  }

  bool take_words(const std::vector<std::string>& words) {
    constexpr std::size_t kVerdictWords = 6;
    constexpr std::size_t kMailWords = 10;
    constexpr std::size_t kJobWords = 8;
    constexpr std::size_t kUseWords = 10;
    if (words.size() < kVerdictWords || words[0] != "exec" || words[1] != "bin/wfr" ||
        words[3] != "--plan" || words.back() != "\"$@\"") {
      return false;
    }
    script_.plan = words[4];
    if (words[2] == "verdict") {
      script_.runs = Runs::Verdict;
      const bool mails = words.size() == kMailWords && words[5] == "--mail" &&
                         words[7] == "--mail-on" && (words[8] == "end" || words[8] == "failure");
      return mails || words.size() == kVerdictWords;
    }
    script_.whole_node =
        words.size() == kUseWords && words[7] == "--use" && words[8] == "whole-node";
    if (words[2] != "job" || (words.size() != kJobWords && !script_.whole_node)) return false;
    script_.runs = words[5] == "--array" ? Runs::Array : Runs::Finalizer;
    script_.target = words[6];
    return words[5] == "--array" || words[5] == "--finalizer";
  }

  Report& report_;
  std::vector<Line> lines_;
  Script script_;
  bool failed_ = false;
};

}  // namespace

std::optional<ArraySpec> parse_array_spec(std::string_view text) {
  ArraySpec spec;
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    const auto limit = number_in(text.substr(percent + 1));
    if (!limit || *limit == 0) return std::nullopt;
    spec.limit = *limit;
    text = text.substr(0, percent);
  }
  std::uint32_t end = 0;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = number_in(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_in(part.substr(dash + 1));
    if (!first || !last || *last < *first || *first < end) return std::nullopt;
    end = *last + 1;
    if (!spec.indices.empty() && spec.indices.back().end == *first) {
      spec.indices.back().end = end;
    } else {
      spec.indices.push_back({*first, end});
    }
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return spec;
}

std::optional<Script> parse_script(const Source& source, const std::string& name, Report& report) {
  return ScriptParser(source, name, report).parse();
}

}  // namespace wfc::readback
