// Parses submit.sh and bin/submit.
#include "compiler/slurm/verify_submit.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

// What the calls of `job` rely on, as the built-in template has it.
constexpr std::array<std::string_view, 6> kTable = {
    "names=() elements=() places=() waits=()",
    "job() {",
    R"(  names+=("$1") elements+=("$2") places+=("$3"))",
    "  shift 3",
    "  waits+=(\"$*\")",
    "}"};
// What compares everything with the manifest, then reads in bin/submit, which is handed the table:
// the last lines of submit.sh.
constexpr std::array<std::string_view, 9> kHandOver = {
    "self=${BASH_SOURCE[0]}",
    R"(real=$(readlink -f -- "$self") || exit 1)",
    "checked=",
    R"(case " $* " in *" --cancel "* | *" --help "*) checked='  \(submit\.sh\|bin/.*\)$' ;; esac)",
    R"((cd -- "${real%/*}" && grep -e "$checked" -- "plan/$plan/manifest.sha256" | sha256sum --check --quiet --strict) >&2 || {)",
    R"(  printf '%s\n' "submit.sh: files were changed after \`wfc compile\` (above): make changes in the workflow, and compile it again" >&2)",
    "  exit 1",
    "}",
    R"(. "${real%/*}/bin/submit")"};
constexpr std::string_view kDependencyOption = "--dependency=$dependency";
constexpr std::string_view kKillOption = "--kill-on-invalid-dep=yes";
constexpr std::string_view kLast = "main \"$@\"";

constexpr std::array<std::pair<std::string_view, WaitKind>, 5> kWaitWords = {
    {{"aftercorr", WaitKind::AfterCorr},
     {"aftercorr-or-afterany", WaitKind::AfterCorrOrAny},
     {"afterok", WaitKind::AfterOk},
     {"afterany", WaitKind::AfterAny},
     {"afternotok", WaitKind::AfterNotOk}}};

constexpr const char* kNoBash = "the script does not begin with `#!/bin/bash`";

bool is_bash(const std::vector<Line>& lines) {
  return !lines.empty() && lines.front().text.starts_with("#!") &&
         lines.front().text.find("bash") != std::string_view::npos;
}

// An empty line or a comment.
bool is_silent(const Line& line) {
  return line.text.empty() || line.text.front() == '#';
}

class SubmitParser {
 public:
  SubmitParser(const Source& source, Report& report) : text_(source->text), report_(report) {
    submit_.source = source;
  }

  std::optional<Submit> parse() {
    const std::vector<Line> lines = lines_of(text_);
    if (!is_bash(lines)) {
      fail_at(start_of(submit_.source), kNoBash, "begin the template with that line");
      return std::nullopt;
    }
    const std::size_t rest = parse_calls(lines);
    parse_hand_over(lines, rest);
    if (failed_) return std::nullopt;
    if (submit_.plan.empty() || submit_.verdict.empty() || next_of_table_ < kTable.size()) {
      fail_at(start_of(submit_.source),
              fmt::format("the script has no line `{}`",
                          submit_.plan.empty()      ? "readonly plan=..."
                          : submit_.verdict.empty() ? "readonly verdict=..."
                                                    : kTable.at(next_of_table_)),
              kKeepHelp);
      return std::nullopt;
    }
    return std::move(submit_);
  }

 private:
  static constexpr const char* kKeepHelp = "keep it as it is in the built-in `submit.sh`";
  static constexpr const char* kOwnHelp =
      "the built-in `submit.sh` must stay as it is but for its comments; own commands are for the "
      "parts of `bin/submit`, as `submit/environment.sh`";

  void fail_at(Span span, std::string message, std::string help) {
    failed_ = true;
    report_(Kind::ScriptNotUnderstood, span, std::move(message), std::move(help));
  }
  void fail(const Line& line, std::string message, std::string help) {
    fail_at(span_of(submit_.source, line), std::move(message), std::move(help));
  }

  // The lines before and between the calls, each of which is understood; gives the number of the
  // line after the last call.
  std::size_t parse_calls(const std::vector<Line>& lines) {
    std::size_t last_call = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].text.starts_with("job ")) last_call = i;
    }
    for (std::size_t i = 0; i <= last_call && !failed_; ++i) {
      const Line& line = lines[i];
      const auto begin = static_cast<std::size_t>(line.text.data() - text_.data());
      if (begin < end_of_command_) continue;  // the rest of a quoted word
      if (is_silent(line)) continue;
      if (next_of_table_ < kTable.size() && line.text == kTable.at(next_of_table_)) {
        ++next_of_table_;
        continue;
      }
      parse_command(line, begin);
    }
    return last_call + 1;
  }

  void parse_command(const Line& line, std::size_t begin) {
    const std::optional<Command> command = shell_command(text_, begin);
    const bool good = command && !command->words.empty() &&
                      (command->words.front() == "readonly" ? take_variables(line, command->words)
                                                            : take_call(line, command->words));
    if (failed_) return;
    if (!good) {
      fail(line, "a line that cannot be read back", kOwnHelp);
      return;
    }
    end_of_command_ = command->end;
  }

  bool take_variables(const Line& line, const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string::npos) return false;
      const std::string name = words[i].substr(0, equals);
      if (name == "workflow") continue;
      const bool is_plan = name == "plan";
      if (!is_plan && name != "verdict") return false;
      std::string& value = is_plan ? submit_.plan : submit_.verdict;
      if (!value.empty()) return false;
      value = words[i].substr(equals + 1);
      (is_plan ? submit_.plan_line : submit_.verdict_line) = span_of(submit_.source, line);
    }
    return true;
  }

  bool take_call(const Line& line, const std::vector<std::string>& words) {
    if (words.size() < 4 || words.front() != "job" || next_of_table_ < kTable.size()) return false;
    const std::optional<std::uint32_t> elements = number_in(words[2]);
    if (!elements || *elements == 0) return false;
    Call call{words[1], *elements, {}, span_of(submit_.source, line)};
    for (std::size_t i = 4; i < words.size(); ++i) {
      std::optional<Wait> wait = take_wait(line, call, words[i]);
      if (!wait) return false;
      call.waits.push_back(*wait);
    }
    if (!positions_.emplace(call.name, submit_.calls.size()).second) {
      fail(line,
           fmt::format("`{}` is submitted a second time", call.name),
           "one call of `job` for each script");
      return false;
    }
    submit_.calls.push_back(std::move(call));
    return true;
  }

  std::optional<Wait> take_wait(const Line& line, const Call& call, const std::string& word) {
    const std::size_t colon = word.find(':');
    const auto* const kind =
        std::find_if(kWaitWords.begin(), kWaitWords.end(), [&](const auto& entry) {
          return entry.first == word.substr(0, colon);
        });
    if (colon == std::string::npos || kind == kWaitWords.end()) return std::nullopt;
    const auto on = positions_.find(word.substr(colon + 1));
    if (on == positions_.end()) {
      fail(line,
           fmt::format("`{}` waits for `{}`, which is not submitted before it",
                       call.name,
                       word.substr(colon + 1)),
           "a job's id is known only after its own call: keep the order of the calls");
      return std::nullopt;
    }
    for (const Wait& other : call.waits) {
      if (other.on != on->second) continue;
      fail(line,
           fmt::format("`{}` waits for `{}` twice", call.name, on->first),
           "one dependency on each job is enough");
      return std::nullopt;
    }
    return Wait{kind->second, on->second};
  }

  // Behind the calls nothing but what hands them over.
  void parse_hand_over(const std::vector<Line>& lines, std::size_t first) {
    std::size_t next = 0;
    for (std::size_t i = first; i < lines.size() && !failed_; ++i) {
      if (is_silent(lines[i])) continue;
      if (next < kHandOver.size() && lines[i].text == kHandOver.at(next)) {
        ++next;
      } else {
        fail(lines[i], "a line that cannot be read back", kOwnHelp);
      }
    }
    if (failed_ || (next == kHandOver.size() && text_.back() == '\n')) return;
    fail(lines.back(),
         fmt::format("the script does not end with `{}`", kHandOver.back()),
         "nothing is submitted without it, or the script is cut short");
  }

  std::string_view text_;
  Report& report_;
  Submit submit_;
  std::map<std::string, std::size_t> positions_;  // of the calls so far, by name
  std::size_t next_of_table_ = 0;                 // line of kTable that has not come yet
  std::size_t end_of_command_ = 0;
  bool failed_ = false;
};

}  // namespace

const char* wait_word(WaitKind kind) {
  switch (kind) {
    case WaitKind::AfterCorr:
      return "aftercorr";
    case WaitKind::AfterCorrOrAny:
      return "aftercorr-or-afterany";
    case WaitKind::AfterOk:
      return "afterok";
    case WaitKind::AfterNotOk:
      return "afternotok";
    case WaitKind::AfterAny:
      break;
  }
  return "afterany";
}

std::optional<Submit> parse_submit(const Source& source, Report& report) {
  return SubmitParser(source, report).parse();
}

bool check_program(const Source& source, Report& report) {
  const std::vector<Line> lines = lines_of(source->text);
  bool good = true;
  const auto fail = [&](Span span, std::string message, std::string help) {
    good = false;
    report(Kind::ScriptNotUnderstood, span, std::move(message), std::move(help));
  };
  if (!is_bash(lines)) {
    fail(start_of(source), kNoBash, "begin the template with that line");
    return false;
  }
  const bool kills = std::any_of(lines.begin(), lines.end(), [](const Line& line) {
    const bool comment = line.text.find_first_not_of(' ') == line.text.find('#');
    return !comment && line.text.find(kDependencyOption) != std::string_view::npos &&
           line.text.find(kKillOption) != std::string_view::npos;
  });
  if (!kills) {
    fail(start_of(source),
         fmt::format("the script has no line that gives sbatch `{}` together with `{}`",
                     kDependencyOption,
                     kKillOption),
         "a job whose dependency fails would stay in the queue for ever: keep that line of the "
         "built-in `submit/sbatch.sh`");
  }
  const auto last = std::find_if(
      lines.rbegin(), lines.rend(), [](const Line& line) { return !line.text.empty(); });
  if (last->text != kLast || source->text.back() != '\n') {
    fail(span_of(source, *last),
         "the last line of the script is not `main \"$@\"`",
         "nothing is submitted without it, or the script is cut short");
  }
  return good;
}

}  // namespace wfc::readback
