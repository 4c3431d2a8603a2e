// With `set -n` bash reads the commands that follow and runs none of them.
#include "compiler/driver/bash_syntax.hpp"

#include "runtime/run/host.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace wfc {
namespace {

// What bash reads depends on `extglob`, which the text itself may set: it is wrong if it is wrong
// both ways. `-p`: no start-up file and no function of this environment.
constexpr const char* kScript = R"bash(LC_ALL=C
for text; do
  (eval "set -n
$text") 2>/dev/null || (shopt -s extglob; eval "set -n
$text") 2>/dev/null || printf %s "$(eval "set -n
$text" 2>&1)"
  printf '\0'
done)bash";
// Wrong in its first line: which number that has differs between versions of bash.
constexpr const char* kWrong = "fi";

// "bash: eval: line 5: syntax error near unexpected token `fi'".
std::optional<BashProblem> problem_in(const std::string& said) {
  constexpr std::string_view kLine = ": line ";
  const std::size_t at = said.find(kLine);
  if (at == std::string::npos) return std::nullopt;
  BashProblem problem;
  const char* end = said.data() + said.size();
  const auto [after, error] = std::from_chars(said.data() + at + kLine.size(), end, problem.line);
  if (error != std::errc() || end - after < 2) return std::nullopt;
  problem.message.assign(after + 2, end);
  problem.message.resize(std::min(problem.message.find('\n'), problem.message.size()));
  return problem;
}

using Problems = std::vector<std::optional<BashProblem>>;

// Parallel to `texts`; empty where bash does not answer.
Problems ask_bash(const std::vector<std::string>& texts) {
  constexpr int kPatienceSeconds = 20;
  std::vector<std::string> words{"bash", "-p", "-c", kScript, "bash", kWrong};
  words.insert(words.end(), texts.begin(), texts.end());
  const std::string said = wfr::capture_within(words, kPatienceSeconds).value_or("");
  Problems problems;
  for (std::size_t begin = 0; begin < said.size();) {
    const std::size_t end = std::min(said.find('\0', begin), said.size());
    problems.push_back(problem_in(said.substr(begin, end - begin)));
    begin = end + 1;
  }
  if (problems.size() != texts.size() + 1 || !problems.front()) return {};
  const std::size_t before = problems.front()->line - 1;
  problems.erase(problems.begin());
  for (std::optional<BashProblem>& problem : problems) {
    if (problem) problem->line -= std::min(before, problem->line - 1);
  }
  return problems;
}

// Of texts that are all different.
Problems look_at(const std::vector<std::string>& texts) {
  constexpr std::size_t kMostAtOnce = 1'000'000;  // bytes, with what each argument costs besides
  constexpr std::size_t kCost = 16;
  Problems problems;
  std::vector<std::string> some;
  std::size_t bytes = 0;
  const auto ask = [&] {
    const Problems found = ask_bash(some);
    problems.insert(problems.end(), found.begin(), found.end());
    problems.resize(problems.size() + some.size() - found.size());
    some.clear();
    bytes = 0;
  };
  for (const std::string& text : texts) {
    if (bytes + text.size() + kCost > kMostAtOnce) ask();
    some.push_back(text);
    bytes += text.size() + kCost;
  }
  if (!some.empty()) ask();
  return problems;
}

}  // namespace

std::vector<std::optional<BashProblem>> bash_problems(const std::vector<std::string>& texts) {
  // A longer text is no argument of a command; nor could its own bash be started with it.
  constexpr std::size_t kLongest = 120'000;
  std::vector<std::string> different;
  std::map<std::string_view, std::size_t> known;
  for (const std::string& text : texts) {
    const bool fits = text.size() < kLongest && text.find('\0') == std::string::npos;
    if (fits && known.emplace(text, different.size()).second) different.push_back(text);
  }
  const Problems found = look_at(different);
  Problems problems;
  for (const std::string& text : texts) {
    const auto place = known.find(text);
    problems.push_back(place == known.end() ? std::nullopt : found[place->second]);
  }
  return problems;
}

}  // namespace wfc
