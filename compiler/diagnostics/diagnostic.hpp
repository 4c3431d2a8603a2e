// Diagnostics as values: a kind from the registry, a place, a message, a remedy.
#pragma once

#include "compiler/diagnostics/source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

enum class Severity : std::uint8_t { Note, Warning, Error };

enum class Kind : std::uint16_t {
#define WFC_KIND(name, code, severity, title) name = code,
#include "compiler/diagnostics/kinds.def"
#undef WFC_KIND
};

struct KindInfo {
  Kind kind;
  std::string_view name;
  Severity severity;
  std::string_view title;
};
const std::vector<KindInfo>& all_kinds();
const KindInfo& kind_info(Kind kind);
std::string kind_code(Kind kind);                       // "WFC2001"
std::optional<Kind> parse_kind(std::string_view code);  // "WFC2001", "wfc2001" or "2001"

// A further place: "first defined here".
struct Label {
  Span span;
  std::string text;
};

// `message` says what is, `help` what to do: lower case, backticks around names, no full stop.
struct Diagnostic {
  Kind kind;
  Span span;
  std::string message;
  std::string help;
  std::vector<Label> labels;
};

// Collects what the passes report; nothing is printed before the end of a pass.
class Sink {
 public:
  void report(Diagnostic diagnostic);
  void report(Kind kind, Span span, std::string message, std::string help = {});
  // Spans point into sources: what was parsed lives as long as what was reported of it.
  void keep_alive(std::shared_ptr<const SourceFile> source);
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::vector<std::shared_ptr<const SourceFile>> sources_;
  std::size_t errors_ = 0;
};

// `path:line:col: error[WFC2001]: message`, the line, a caret under the span, labels, `help:`.
// Order: by place, then by report. Of errors and of the others the first kShown each, and how many
// more there are. `colour` uses ANSI colours.
inline constexpr std::size_t kShown = 50;
std::string render(const Sink& sink, bool colour);
// One JSON array of {code, severity, message, help, file, line, column, end_line, end_column,
// labels}: all of them, since a tool can leave out what it does not show.
std::string render_json(const Sink& sink);

// The candidate nearest to `word` by edit distance, if near enough to be meant. "" otherwise.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// "did you mean `x`?" or "" when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace wfc
