// TOML text -> ast: the order of the file, exact places, every type.
#include "compiler/syntax/parse.hpp"

#include "compiler/syntax/spans.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

struct Parsed {
  Sink sink;
  ast::Document document;
};

Parsed parsed(std::string text) {
  Parsed result;
  auto source = std::make_shared<const SourceFile>(SourceFile{"w.toml", std::move(text)});
  result.document = parse(std::move(source), result.sink);
  return result;
}

// The bytes that a span covers, of one line.
std::string covered(const Span& span) {
  REQUIRE(span.known());
  REQUIRE(span.line == span.end_line);
  return std::string(
      span.file->line(span.line).substr(span.column - 1, span.end_column - span.column));
}

const ast::Table& table(const ast::Value& value) {
  return std::get<ast::Table>(value.data);
}

TEST_CASE("keys come in the order of the file, also dotted ones and those of headers") {
  const Parsed file = parsed(
      "zebra = 1\n[site.south]\npartition = \"s\"\n[alpha]\nz.y = 1\na = 2\nz.b = 3\n"
      "[site.north]\n[[step]]\nname = \"b\"\n[[step]]\nname = \"a\"\n");
  REQUIRE_FALSE(file.sink.has_errors());
  std::vector<std::string> keys;
  for (const ast::Entry& entry : file.document.root.entries) keys.push_back(entry.key);
  CHECK(keys == std::vector<std::string>{"zebra", "site", "alpha", "step"});
  const ast::Table& site = table(file.document.root.find("site")->value);
  CHECK(site.entries[0].key == "south");
  CHECK(site.entries[1].key == "north");
  const ast::Table& alpha = table(file.document.root.find("alpha")->value);
  REQUIRE(alpha.entries.size() == 2);
  CHECK(alpha.entries[0].key == "z");
  CHECK(table(alpha.entries[0].value).entries[0].key == "y");
  const auto& steps = std::get<ast::Array>(file.document.root.find("step")->value.data);
  REQUIRE(steps.size() == 2);
  CHECK(std::get<std::string>(table(steps[0]).find("name")->value.data) == "b");
  CHECK(covered(steps[1].span) == "[[step]]");
}

TEST_CASE("every type is read, and a date keeps its text") {
  const Parsed file = parsed(
      "s = 'x'\ni = 0x10\nf = 2.5\nb = true\nd = 1979-05-27T07:32:00Z\na = [1, [\"x\"]]\nt = {}\n");
  REQUIRE_FALSE(file.sink.has_errors());
  const ast::Table& root = file.document.root;
  CHECK(std::get<std::string>(root.find("s")->value.data) == "x");
  CHECK(std::get<std::int64_t>(root.find("i")->value.data) == 16);
  CHECK(std::get<double>(root.find("f")->value.data) == 2.5);
  CHECK(std::get<bool>(root.find("b")->value.data));
  CHECK(root.find("d")->value.is_date);
  CHECK(std::get<std::string>(root.find("d")->value.data) == "1979-05-27T07:32:00Z");
  CHECK(std::get<ast::Array>(root.find("a")->value.data).size() == 2);
  CHECK(table(root.find("t")->value).entries.empty());
  CHECK(root.find("nothing") == nullptr);
}

TEST_CASE("places are bytes, after letters of several bytes too") {
  const Parsed file = parsed(
      "name = \"\xc3\xa9\xe2\x82\xac\" # \xc3\xa9\n[a] # x\n\tkey = { \"q k\" = [10, 200] }\n");
  const ast::Table& root = file.document.root;
  CHECK(covered(root.find("name")->key_span) == "name");
  CHECK(covered(root.find("name")->value.span) == "\"\xc3\xa9\xe2\x82\xac\"");
  const ast::Entry& key = table(root.find("a")->value).entries.at(0);
  CHECK(covered(key.key_span) == "key");
  const ast::Entry& quoted = table(key.value).entries.at(0);
  CHECK(covered(quoted.key_span) == "\"q k\"");
  CHECK(covered(std::get<ast::Array>(quoted.value.data)[1].span) == "200");
}

TEST_CASE("line ends of Windows and a byte order mark do not move places") {
  const Parsed file = parsed("\xef\xbb\xbfone = 1\r\ntwo = \"x\"\r\n");
  REQUIRE_FALSE(file.sink.has_errors());
  CHECK(covered(file.document.root.find("one")->key_span) == "one");
  CHECK(covered(file.document.root.find("two")->value.span) == "\"x\"");
}

TEST_CASE("a syntax error has a place and a remedy, and the document is empty") {
  const Parsed file = parsed("a = 1\nb = tru\n");
  REQUIRE(file.sink.errors() == 1);
  const Diagnostic& error = file.sink.all()[0];
  CHECK(error.kind == Kind::TomlSyntax);
  CHECK(error.span.line == 2);
  CHECK(file.document.root.entries.empty());
  const Parsed twice = parsed("[a]\nname = 1\nname = 2\n");
  CHECK(covered(twice.sink.all().at(0).span) == "name");
  CHECK(twice.sink.all()[0].message.find('\n') == std::string::npos);
  CHECK_FALSE(twice.sink.all()[0].help.empty());
}

TEST_CASE("a byte that is not UTF-8 is reported where it stands") {
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    const Parsed file = parsed(std::string("a = 1\nb = \"") + bad + "\"\n");
    REQUIRE(file.sink.errors() == 1);
    CHECK(file.sink.all()[0].kind == Kind::NotUtf8);
    CHECK(file.sink.all()[0].span.line == 2);
    CHECK(file.sink.all()[0].span.column == 6);
  }
}

// The place of `word` inside the only value of a file, as "line:column".
std::string place_of(const std::string& text, const std::string& word) {
  const Parsed file = parsed(text);
  REQUIRE_FALSE(file.sink.has_errors());
  const ast::Value& value = file.document.root.entries.at(0).value;
  const std::size_t begin = std::get<std::string>(value.data).find(word);
  REQUIRE(begin != std::string::npos);
  const Span span = part_of(value, begin, begin + word.size());
  return std::to_string(span.line) + ":" + std::to_string(span.column) + "-" +
         std::to_string(span.end_column);
}

TEST_CASE("a part of a string is found through escapes and line ends") {
  CHECK(place_of("k = \"say {x}\"", "{x}") == "1:10-13");
  CHECK(place_of("k = 'say {x}'", "{x}") == "1:10-13");
  CHECK(place_of("k = \"\\t\\\"\\u00e9{x}\"", "{x}") == "1:16-19");
  CHECK(place_of("k = \"\xc3\xa9{x}\"", "{x}") == "1:8-11");
  CHECK(place_of("k = \"\"\"\nfirst\n  {x}\"\"\"", "{x}") == "3:3-6");
  CHECK(place_of("k = '''\r\na\r\n {x}'''", "{x}") == "3:2-5");
  CHECK(place_of("k = \"\"\"a \\\n     {x}\"\"\"", "{x}") == "2:6-9");
  CHECK(place_of("k = \"\"\"a\"\"{x}\"\"\"\"", "{x}\"") == "1:11-15");
}

}  // namespace
}  // namespace wfc
