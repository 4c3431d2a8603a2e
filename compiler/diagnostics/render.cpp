// Diagnostics as text for a person: the one file that draws them.
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/order.hpp"
#include "runtime/plan/proposal.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

struct Palette {
  std::string_view error, warning, note, caret, bold, help, reset;
};
constexpr Palette kPlain{};
constexpr Palette kColour{
    "\033[1;31m", "\033[1;35m", "\033[1;36m", "\033[1;32m", "\033[1m", "\033[1;36m", "\033[0m"};

// How a line is shown, and the display column at which each of its bytes begins. A tab becomes four
// spaces, a control or invalid byte `?`, and each code point counts as one column.
struct DrawnLine {
  std::string text;
  std::vector<std::size_t> column;  // bytes + 1
};

// Bytes of the UTF-8 sequence at `position`, or 0 when it is not valid there.
std::size_t sequence_length(std::string_view line, std::size_t position) {
  const auto byte = static_cast<unsigned char>(line[position]);
  std::size_t length = 0;
  if (byte < 0x80U) return 1;
  if ((byte & 0xE0U) == 0xC0U) length = 2;
  if ((byte & 0xF0U) == 0xE0U) length = 3;
  if ((byte & 0xF8U) == 0xF0U) length = 4;
  if (length == 0 || position + length > line.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(line[position + i]) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

DrawnLine draw(std::string_view line) {
  constexpr std::size_t kTab = 4;
  DrawnLine drawn;
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = std::max<std::size_t>(1, sequence_length(line, i));
    for (std::size_t k = 0; k < length; ++k) drawn.column.push_back(column);
    const auto byte = static_cast<unsigned char>(line[i]);
    const std::string_view character = line.substr(i, length);
    const bool shown = wfr::visible_text(character) == character;
    if (byte == '\t') {
      drawn.text.append(kTab, ' ');
      column += kTab;
    } else {
      drawn.text += shown ? character : std::string_view("?");
      ++column;
    }
    i += length;
  }
  drawn.column.push_back(column);
  return drawn;
}

std::string excerpt(const Span& span, std::string_view text, const Palette& palette) {
  // A line of a generated file may be very long: the part around the caret is enough.
  constexpr std::size_t kLongest = 400;
  const std::string_view line = span.file->line(span.line);
  if (line.size() > kLongest) return "";
  const DrawnLine drawn = draw(line);
  const std::size_t last = drawn.column.size() - 1;
  const std::size_t begin = std::min<std::size_t>(span.column > 0 ? span.column - 1 : 0, last);
  const std::size_t end =
      span.end_line == span.line ? std::min<std::size_t>(span.end_column - 1, last) : last;
  const std::size_t from = drawn.column[begin];
  const std::size_t width = std::max<std::size_t>(1, drawn.column[std::max(begin, end)] - from);
  const std::string number = fmt::format("{:>5} | ", span.line);
  return fmt::format("{}{}\n{:>5} | {:{}}{}{}{}{}\n",
                     number,
                     drawn.text,
                     "",
                     "",
                     from,
                     palette.caret,
                     std::string(width, '^'),
                     palette.reset,
                     text.empty() ? "" : " " + wfr::visible_text(text));
}

std::string place(const Span& span) {
  if (!span.known()) return "wfc: ";
  return fmt::format("{}:{}:{}: ", wfr::visible_text(span.file->name), span.line, span.column);
}

bool same_place(const Span& a, const Span& b) {
  return a.file == b.file && a.line == b.line && a.column == b.column &&
         a.end_column == b.end_column;
}

// A name or a text of the workflow may be very long: its beginning is enough.
std::string shown_text(std::string_view text) {
  constexpr std::size_t kLongest = 4000;
  if (text.size() <= kLongest) return wfr::visible_text(text);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return wfr::visible_text(text.substr(0, end)) + "...";
}

std::string render_one(const Diagnostic& diagnostic, const Palette& palette) {
  const Severity severity = kind_info(diagnostic.kind).severity;
  const std::string_view word = severity == Severity::Error     ? "error"
                                : severity == Severity::Warning ? "warning"
                                                                : "note";
  const std::string_view colour = severity == Severity::Error     ? palette.error
                                  : severity == Severity::Warning ? palette.warning
                                                                  : palette.note;
  std::string text = fmt::format("{}{}{}{}{}[{}]{}: {}{}{}\n",
                                 palette.bold,
                                 place(diagnostic.span),
                                 palette.reset,
                                 colour,
                                 word,
                                 kind_code(diagnostic.kind),
                                 palette.reset,
                                 palette.bold,
                                 shown_text(diagnostic.message),
                                 palette.reset);
  // A label at the place itself stands beside its caret.
  const auto here = [&](const Label& label) { return same_place(label.span, diagnostic.span); };
  const auto own = std::find_if(diagnostic.labels.begin(), diagnostic.labels.end(), here);
  if (diagnostic.span.known()) {
    text += excerpt(diagnostic.span, own == diagnostic.labels.end() ? "" : own->text, palette);
  }
  for (const Label& label : diagnostic.labels) {
    if (diagnostic.span.known() && here(label)) continue;
    if (label.span.known() && label.span.file == diagnostic.span.file) {
      text += excerpt(label.span, label.text, palette);
    } else {
      text += fmt::format("  {}{}\n", place(label.span), wfr::visible_text(label.text));
    }
  }
  if (!diagnostic.help.empty()) {
    text +=
        fmt::format("  {}help:{} {}\n", palette.help, palette.reset, shown_text(diagnostic.help));
  }
  return text;
}

// "9,950 errors"
std::string count(std::size_t number, std::string_view word) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return fmt::format("{} {}{}", digits, word, number == 1 ? "" : "s");
}

}  // namespace

std::string render(const Sink& sink, bool colour) {
  const Palette& palette = colour ? kColour : kPlain;
  std::string text;
  std::optional<Kind> first;  // error
  std::size_t errors = 0;
  std::size_t others = 0;
  for (const Diagnostic* diagnostic : in_order(sink)) {
    const bool is_error = kind_info(diagnostic->kind).severity == Severity::Error;
    if (is_error && !first) first = diagnostic->kind;
    if (++(is_error ? errors : others) <= kShown) text += render_one(*diagnostic, palette);
  }
  if (others > kShown)
    text += fmt::format("and {} and notes\n", count(others - kShown, "more warning"));
  if (errors > kShown) text += fmt::format("and {}\n", count(errors - kShown, "more error"));
  if (!first) return text;
  return text + fmt::format("{}; `{}` says more\n",
                            count(sink.errors(), "error"),
                            propose(wfr::Proposal::Explain, {}, {kind_code(*first)}));
}

}  // namespace wfc
