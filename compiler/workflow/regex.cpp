// Regular expressions over names of directories.
#include "compiler/workflow/regex.hpp"

#include "compiler/workflow/unicode.hpp"

#include <re2/re2.h>

namespace wfc {
namespace {

std::shared_ptr<const re2::RE2> compiled(std::string_view text, RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_encoding(encoding);
  options.set_log_errors(false);
  options.set_dot_nl(true);
  return std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
}

bool matches_whole(const re2::RE2& regex, std::string_view name) {
  return RE2::FullMatch(re2::StringPiece(name.data(), name.size()), regex);
}

// What stands at `at`, for constructs of other dialects.
bool has(std::string_view text, std::size_t at, std::string_view what) {
  return at < text.size() && text.substr(at).starts_with(what);
}

PatternProblem escape_problem(std::string_view text, PatternProblem problem) {
  const char letter = problem.begin + 1 < text.size() ? text[problem.begin + 1] : '\0';
  if ((letter >= '1' && letter <= '9') || letter == 'k') {
    problem.what = "a back-reference cannot be used";
    problem.help = "write out what may stand there";
  } else {
    problem.what = "a `\\` is followed by what cannot be escaped";
  }
  return problem;
}

PatternProblem group_problem(std::string_view text, PatternProblem problem) {
  const std::size_t at = problem.begin;
  if (has(text, at, "(?=") || has(text, at, "(?!") || has(text, at, "(?<=") ||
      has(text, at, "(?<!")) {
    const bool behind = has(text, at, "(?<");
    const bool negative = has(text, at, "(?!") || has(text, at, "(?<!");
    problem.end = at + (behind ? 4 : 3);
    problem.what = behind ? "a look-behind cannot be used" : "a look-ahead cannot be used";
    problem.help = negative ? "match more, and drop names with `exclude`"
                            : "write the whole name that is meant, without it";
  } else if (has(text, at, "(?P=")) {
    problem.what = "a back-reference cannot be used";
    problem.help = "write out what may stand there";
  } else {
    problem.what = "a group begins with an unknown sign";
    problem.help = "groups are `(...)`, `(?:...)` and `(?i:...)`";
  }
  return problem;
}

std::string meaning(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadCharClass:
    case RE2::ErrorBadCharRange:
      return "a character class is unknown, or a range such as `z-a` goes backwards";
    case RE2::ErrorMissingBracket:
      return "a `[` is not closed";
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
      return "a `(` or `)` is not matched";
    case RE2::ErrorTrailingBackslash:
      return "it ends in a `\\`";
    case RE2::ErrorRepeatArgument:
      return "a `*`, `+` or `?` repeats nothing";
    case RE2::ErrorRepeatSize:
      return "a repetition is too large, or its bounds are reversed";
    case RE2::ErrorRepeatOp:
      return "a repetition is repeated";
    case RE2::ErrorBadUTF8:
      return "it is not UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "the name of a group is invalid";
    case RE2::ErrorPatternTooLarge:
      return "it is too large";
    default:
      return "it cannot be read";
  }
}

}  // namespace

Regex::Regex(std::string_view text)
    : text_(compiled(text, RE2::Options::EncodingUTF8)),
      bytes_(compiled(text, RE2::Options::EncodingLatin1)) {}

bool Regex::matches(std::string_view name) const {
  if (!text_->ok()) return false;
  return matches_whole(*text_, name) || (!is_utf8(name) && matches_whole(*bytes_, name));
}

PatternProblem Regex::problem() const {
  PatternProblem problem;
  if (text_->ok()) return problem;
  // RE2 gives the part that it stopped at as a copy.
  const std::string& text = text_->pattern();
  const std::string& part = text_->error_arg();
  std::size_t at = part.empty() ? std::string::npos : text.find(part);
  // `(?P<name>` is good, `(?P=name)` is not.
  while (part == "(?P" && at != std::string::npos && has(text, at, "(?P<")) {
    at = text.find(part, at + 1);
  }
  problem.begin = at == std::string::npos ? 0 : at;
  problem.end = at == std::string::npos ? text.size() : at + part.size();
  if (text_->error_code() == RE2::ErrorBadEscape) return escape_problem(text, problem);
  if (text_->error_code() == RE2::ErrorBadPerlOp) return group_problem(text, problem);
  problem.what = meaning(text_->error_code());
  return problem;
}

}  // namespace wfc
