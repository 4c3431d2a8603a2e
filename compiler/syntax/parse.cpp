// SourceFile -> ast::Document: the only place that sees toml++.
#include "compiler/syntax/parse.hpp"

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

// toml++'s sentences begin with a capital and end with what it was doing; ours begin with what is.
std::string lower_first(std::string_view text) {
  std::string lowered;
  for (const char byte : text) lowered += byte == '\n' || byte == '\r' ? ' ' : byte;
  if (!lowered.empty() && lowered[0] >= 'A' && lowered[0] <= 'Z') {
    lowered[0] = static_cast<char>(lowered[0] - 'A' + 'a');
  }
  return lowered;
}

// What to do about the mistakes that people make most often.
std::string remedy(std::string_view message) {
  const auto says = [message](std::string_view text) {
    return message.find(text) != std::string_view::npos;
  };
  if (says("cannot redefine existing array") || says("cannot redefine existing table")) {
    return "a table is opened once; several steps or levels are written `[[step]]`, `[[level]]`";
  }
  if (says("cannot redefine")) return "a key is given once in a table; remove one of them";
  if (says("inline table"))
    return "an inline table `{ ... }` stands on one line, without a last comma";
  if (says("could not determine value type")) return "text is quoted: key = \"text\"";
  if (says("expected '='"))
    return "write `key = value`; a key with other than letters, digits, `_` and `-` is quoted";
  if (says("parsing string") && says("end-of-file"))
    return "close the string with the quote that opened it";
  return "";
}

}  // namespace

ast::Document parse(std::shared_ptr<const SourceFile> source, Sink& sink) {
  ast::Document document;
  document.source = source;
  const Positions positions(source);
  if (const std::optional<std::size_t> bad = first_bad_byte(source->text)) {
    sink.report(Kind::NotUtf8,
                positions.at_offset(*bad),
                "this byte is not UTF-8",
                "save the file as UTF-8; a name with other bytes is matched with `*` or `?`");
    return document;
  }
  try {
    const toml::table table =
        toml::parse(std::string_view(source->text), std::string_view(source->name));
    document.root = convert_table(table, positions);
  } catch (const toml::parse_error& error) {
    // The error's region is empty: it marks where the reader stopped.
    sink.report(Kind::TomlSyntax,
                span_of(error.source(), positions),
                lower_first(error.description()),
                remedy(error.description()));
  }
  return document;
}

}  // namespace wfc
