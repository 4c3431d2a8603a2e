// SourceFile -> ast::Document: the only place that sees toml++.
#include "compiler/syntax/parse.hpp"

#include "compiler/syntax/nesting.hpp"
#include "compiler/syntax/positions.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <toml++/toml.h>

namespace wfc {
namespace {

bool before(const Span& a, const Span& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

Span span_of(const toml::source_region& region, const Positions& positions) {
  return positions.span(region.begin.line, region.begin.column, region.end.line, region.end.column);
}

ast::Value convert(const toml::node& node, const Positions& positions);

// toml++ keeps a table by alphabet: the order of the file comes back from the places of the keys.
ast::Table convert_table(const toml::table& table, const Positions& positions) {
  ast::Table result;
  for (const auto& [key, node] : table) {
    result.entries.push_back(
        {std::string(key.str()), span_of(key.source(), positions), convert(node, positions)});
  }
  std::stable_sort(
      result.entries.begin(), result.entries.end(), [](const ast::Entry& a, const ast::Entry& b) {
        return before(a.key_span, b.key_span);
      });
  return result;
}

ast::Value convert(const toml::node& node, const Positions& positions) {
  ast::Value value;
  value.span = span_of(node.source(), positions);
  switch (node.type()) {
    case toml::node_type::table:
      value.data = convert_table(*node.as_table(), positions);
      break;
    case toml::node_type::array: {
      ast::Array array;
      for (const toml::node& element : *node.as_array()) {
        array.push_back(convert(element, positions));
      }
      value.data = std::move(array);
      break;
    }
    case toml::node_type::string:
      value.data = node.as_string()->get();
      break;
    case toml::node_type::integer:
      value.data = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      value.data = node.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      value.data = node.as_boolean()->get();
      break;
    default:
      // A date or a time: the language has none, so that its text is enough for a message.
      value.data = std::string(positions.text(value.span));
      value.is_date = true;
      break;
  }
  return value;
}

// Bytes of the UTF-8 sequence that begins `text` (RFC 3629), or 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first <= 0xDFU && continues(1)) return 2;
  if ((first & 0xF0U) == 0xE0U && continues(1) && continues(2)) {
    const bool overlong = first == 0xE0U && at(1) < 0xA0U;
    const bool surrogate = first == 0xEDU && at(1) > 0x9FU;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0U && first <= 0xF4U && continues(1) && continues(2) && continues(3)) {
    const bool overlong = first == 0xF0U && at(1) < 0x90U;
    const bool beyond = first == 0xF4U && at(1) > 0x8FU;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

// "Error while parsing string: encountered end-of-file" -> "encountered end-of-file while reading a
// string": ours begin with what is.
std::string reworded(std::string_view text) {
  constexpr std::string_view kParsing = "Error while parsing ";
  std::string said;
  for (const char byte : text) said += byte == '\n' || byte == '\r' ? ' ' : byte;
  const std::size_t colon = said.find(": ");
  if (said.compare(0, kParsing.size(), kParsing) == 0 && colon != std::string::npos) {
    const std::string what = said.substr(kParsing.size(), colon - kParsing.size());
    const bool vowel = std::string_view("aeio").find(what.front()) != std::string_view::npos;
    said = said.substr(colon + 2) + " while reading " + (vowel ? "an " : "a ") + what;
  }
  if (!said.empty() && said[0] >= 'A' && said[0] <= 'Z') {
    said[0] = static_cast<char>(said[0] - 'A' + 'a');
  }
  return said;
}

// A key that is given twice is noticed after its `=`: its own place is where it is written.
Span narrowed(const Span& span, std::string_view message, const Positions& positions) {
  const std::size_t open = message.find('\'');
  const std::size_t close = message.rfind('\'');
  if (message.find("cannot redefine") == std::string_view::npos || close <= open + 1) return span;
  const std::string_view key = message.substr(open + 1, close - open - 1);
  const std::size_t found = positions.line(span.line).rfind(key, span.column - 1);
  if (found == std::string_view::npos) return span;
  const auto column = static_cast<std::uint32_t>(found) + 1;
  return {span.file, span.line, column, span.line, column + static_cast<std::uint32_t>(key.size())};
}

// What to do about the mistakes that people make most often.
std::string remedy(std::string_view message) {
  const auto says = [message](std::string_view text) {
    return message.find(text) != std::string_view::npos;
  };
  if (says("existing array") || says("existing table")) {
    return "a table is opened once; several steps or levels are written `[[step]]`, `[[level]]`";
  }
  if (says("cannot redefine")) return "a key is given once in a table; remove one of them";
  if (says("inline table"))
    return "an inline table `{ ... }` stands on one line, without a last comma";
  if (says("could not determine value type")) return "text is quoted: key = \"text\"";
  if (says("expected '='"))
    return "write `key = value`; a key with other than letters, digits, `_` and `-` is quoted";
  if (says("parsing string") && (says("end-of-file") || says("control characters")))
    return "close the string with the quote that opened it";
  return "";
}

}  // namespace

ast::Document parse(const std::shared_ptr<const SourceFile>& source, Sink& sink) {
  ast::Document document;
  document.source = source;
  sink.keep_alive(source);
  const Positions positions(source);
  if (const std::optional<std::size_t> bad = first_bad_byte(source->text)) {
    sink.report(Kind::NotUtf8,
                positions.at_offset(*bad),
                "this byte is not UTF-8",
                "save the file as UTF-8; a name with other bytes is matched with `*` or `?`");
    return document;
  }
  if (const std::optional<TooDeepAt> deep = find_too_deep(source->text)) {
    sink.report(Kind::TooDeep,
                positions.at_offset(deep->offset),
                deep->message,
                "no key of the language goes that deep");
    return document;
  }
  try {
    const toml::table table =
        toml::parse(std::string_view(source->text), std::string_view(source->name));
    document.root = convert_table(table, positions);
  } catch (const toml::parse_error& error) {
    // The error's region is empty: it marks where the reader stopped.
    sink.report(Kind::TomlSyntax,
                narrowed(span_of(error.source(), positions), error.description(), positions),
                reworded(error.description()),
                remedy(error.description()));
  }
  return document;
}

}  // namespace wfc
