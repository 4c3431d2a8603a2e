// What a diagnostic looks like, as text and as JSON.
#include "compiler/diagnostics/diagnostic.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

SourceFile file(std::string text) {
  return {"w.toml", std::move(text)};
}

Span at(const SourceFile& source, std::uint32_t line, std::uint32_t column, std::uint32_t end) {
  return {&source, line, column, line, end};
}

std::string rendered(Diagnostic diagnostic) {
  Sink sink;
  sink.report(std::move(diagnostic));
  return render(sink, false);
}

TEST_CASE("a diagnostic shows its place, its line, a caret and the help") {
  const SourceFile source = file("[workflow]\nnmae = \"x\"\r\nroot = \".\"\n");
  CHECK(rendered(
            {Kind::UnknownKey, at(source, 2, 1, 5), "no key `nmae`", "did you mean `name`?", {}}) ==
        "w.toml:2:1: error[WFC2001]: no key `nmae`\n"
        "    2 | nmae = \"x\"\n"
        "      | ^^^^\n"
        "  help: did you mean `name`?\n"
        "1 error; `wfc explain WFC2001` says more\n");
}

TEST_CASE("tabs and letters of several bytes keep the caret under the place") {
  const SourceFile source = file("\té = \"x\"\n");
  // Bytes: tab 1, e-acute 2-3, space 4, = 5, space 6, quote 7.
  CHECK(rendered({Kind::WrongType, at(source, 1, 7, 10), "m", "", {}}) ==
        "w.toml:1:7: error[WFC2002]: m\n"
        "    1 |     é = \"x\"\n"
        "      |         ^^^\n"
        "1 error; `wfc explain WFC2002` says more\n");
}

TEST_CASE("a caret is drawn at the end of a line, of an empty file, and over several lines") {
  const SourceFile source = file("a = [1,\n2]");
  CHECK_THAT(rendered({Kind::TomlSyntax, at(source, 1, 8, 9), "m", "", {}}),
             Catch::Contains("    1 | a = [1,\n      |        ^\n"));
  CHECK_THAT(rendered({Kind::WrongType, {&source, 1, 5, 2, 3}, "m", "", {}}),
             Catch::Contains("    1 | a = [1,\n      |     ^^^\n"));
  const SourceFile empty = file("");
  CHECK_THAT(rendered({Kind::MissingKey, at(empty, 1, 1, 2), "m", "", {}}),
             Catch::Contains("    1 | \n      | ^\n"));
}

TEST_CASE("labels stand under their lines, and beside the caret of the same place") {
  const SourceFile source = file("a\nb\n");
  CHECK(rendered(
            {Kind::Cycle,
             at(source, 1, 1, 2),
             "m",
             "",
             {{at(source, 1, 1, 2), "first"}, {at(source, 2, 1, 2), "second"}, {{}, "nowhere"}}}) ==
        "w.toml:1:1: error[WFC3001]: m\n"
        "    1 | a\n      | ^ first\n"
        "    2 | b\n      | ^ second\n"
        "  wfc: nowhere\n"
        "1 error; `wfc explain WFC3001` says more\n");
}

TEST_CASE("what comes from a disk cannot command a terminal") {
  const std::string text = rendered({Kind::CannotRead, {}, "no `a\x1b[31m\xff`", "", {}});
  CHECK_THAT(text, Catch::StartsWith("wfc: error[WFC9001]: no `a\\x1b[31m\\xff`\n"));
}

TEST_CASE("diagnostics come in the order of their places, those without one last") {
  const SourceFile source = file("a\nb\n");
  Sink sink;
  sink.report(Kind::BadSet, {}, "nowhere");
  sink.report(Kind::WrongType, at(source, 2, 1, 2), "second");
  sink.report(Kind::StepDropped, at(source, 1, 1, 2), "first");
  const std::string text = render(sink, false);
  CHECK(text.find("first") < text.find("second"));
  CHECK(text.find("second") < text.find("nowhere"));
  CHECK(sink.errors() == 2);
  CHECK_THAT(text, Catch::EndsWith("2 errors; `wfc explain WFC2002` says more\n"));
}

TEST_CASE("notes and warnings are no errors") {
  Sink sink;
  sink.report(Kind::StepDropped, {}, "m");
  sink.report(Kind::SiteNotChosen, {}, "m");
  CHECK_FALSE(sink.has_errors());
  CHECK(render(sink, false) == "wfc: note[WFC2033]: m\nwfc: warning[WFC2030]: m\n");
  CHECK_THAT(render(sink, true), Catch::Contains("\033["));
}

TEST_CASE("JSON holds every field, and bytes that are not UTF-8 do no harm") {
  const SourceFile source = file("a = \xff\n");
  Sink sink;
  sink.report({Kind::NotUtf8, at(source, 1, 5, 6), "byte \xff", "h", {{{}, "label"}}});
  const auto all = nlohmann::json::parse(render_json(sink));
  REQUIRE(all.size() == 1);
  CHECK(all[0]["code"] == "WFC1002");
  CHECK(all[0]["severity"] == "error");
  CHECK(all[0]["message"] == "byte \xef\xbf\xbd");
  CHECK(all[0]["file"] == "w.toml");
  CHECK(all[0]["line"] == 1);
  CHECK(all[0]["column"] == 5);
  CHECK(all[0]["end_column"] == 6);
  CHECK(all[0]["labels"][0]["text"] == "label");
  CHECK(all[0]["labels"][0]["line"].is_null());
}

TEST_CASE("after fifty errors a text says how many more there are; JSON has all") {
  const SourceFile source = file("a = 1\n");
  Sink sink;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    sink.report(Kind::UnknownKey, at(source, 1, 1, 2), "key " + std::to_string(i));
  }
  for (std::uint32_t i = 0; i < 60; ++i) {
    sink.report(Kind::SiteNotChosen, at(source, 1, 2, 3), "site " + std::to_string(i));
  }
  const std::string text = render(sink, false);
  CHECK_THAT(text, Catch::Contains("key 49\n") && !Catch::Contains("key 50\n"));
  CHECK_THAT(text, Catch::Contains("site 49\n") && !Catch::Contains("site 50\n"));
  CHECK_THAT(text,
             Catch::Contains("\nand 10 more warnings and notes\nand 9,950 more errors\n10,000 "
                             "errors; `wfc explain WFC2001` says more\n"));
  CHECK(text.size() < 20'000);
  CHECK(nlohmann::json::parse(render_json(sink)).size() == 10'060);
}

TEST_CASE("the nearest word is suggested only when it can be meant") {
  const std::vector<std::string> words = {"outputs", "inputs", "needs", "name", "x"};
  CHECK(nearest("outptus", words) == "outputs");  // a swap is one mistake
  CHECK(nearest("Inputs", words) == "inputs");
  CHECK(nearest("nmae", words) == "name");
  CHECK(nearest("partition", words).empty());
  CHECK(nearest("y", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(did_you_mean("need", words) == "did you mean `needs`?");
  CHECK(did_you_mean("zzzz", words).empty());
}

}  // namespace
}  // namespace wfc
