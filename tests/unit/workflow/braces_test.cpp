// What is a placeholder in a command, and what is the shell's.
#include "compiler/workflow/braces.hpp"

#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

// Literal text as it is, placeholders as <word>.
std::string marked(const std::string& text) {
  std::string result;
  for (const BraceToken& token : find_placeholders(text)) {
    if (token.placeholder) {
      CHECK(text.substr(token.begin, token.end - token.begin) == "{" + token.text + "}");
      result += "<" + token.text + ">";
    } else {
      result += token.text;
    }
  }
  return result;
}

TEST_CASE("words and dotted words in braces are placeholders") {
  CHECK(marked("a {session} b") == "a <session> b");
  CHECK(marked("{params.x}{needs.my-step.list}") == "<params.x><needs.my-step.list>");
  CHECK(marked("{needs.02.a}") == "<needs.02.a>");
  CHECK(marked("{outputs}") == "<outputs>");
  CHECK(marked("").empty());
}

TEST_CASE("doubled braces are single ones") {
  CHECK(marked("{{session}}") == "{session}");
  CHECK(marked("{{{session}}}") == "{<session>}");
  CHECK(marked("}}") == "}");
  CHECK(marked("}") == "}");
}

TEST_CASE("what is the shell's stays as it is") {
  for (const char* text : {"${HOME}",
                           "${X:-${Y}}",
                           "awk '{print $1}'",
                           "awk '{if (x) {print $1}}'",
                           "{a,b}",
                           "{1..3}",
                           "{a..z}",
                           "{}",
                           "x{y",
                           "{ echo; }",
                           "${#array[@]}",
                           "{a-b}",
                           "{a.}",
                           "\"${a[${i}]}\""}) {
    INFO(text);
    CHECK(marked(text) == text);
  }
  CHECK(marked("${X:-{session}}") == "${X:-<session>}");
}

std::string pieces(const wfr::Template& text) {
  std::string result;
  for (const wfr::Piece& piece : text.pieces) {
    const bool literal = piece.kind == wfr::PieceKind::Text;
    result += literal ? piece.text
                      : "<" + std::to_string(static_cast<int>(piece.kind)) + ":" + piece.text +
                            piece.output + ">";
  }
  return result;
}

TEST_CASE("placeholders of a command are bound") {
  const Resolved file = resolve_text(R"(
    [workflow]
    name = "t"
    [params]
    x = 2.5
    [[level]]
    name = "session"
    match = "s*"
    [[step]]
    name = "a.b"
    each = "session"
    run = "make > {outputs.table}"
    outputs = { table = "t.csv", log = "run.log" }
    [[step]]
    name = "c"
    each = "session"
    needs = ["a.b"]
    inputs = ["raw"]
    run = "{session} {session.dir} {params.x} {needs.a.b} {needs.a.b.log} {needs.a.b.list} {inputs} {outputs} {cpus} {mem_mb} {scratch} {hostfile}"
    outputs = ["{session}-{params.x}.txt"]
  )");
  REQUIRE(file.text().empty());
  using wfr::PieceKind;
  std::vector<PieceKind> kinds;
  for (const wfr::Piece& piece : file.step("c").spec.run.pieces) {
    if (piece.kind != PieceKind::Text) kinds.push_back(piece.kind);
  }
  CHECK(kinds == std::vector<PieceKind>{PieceKind::LevelName,
                                        PieceKind::LevelDir,
                                        PieceKind::Value,
                                        PieceKind::Need,
                                        PieceKind::NeedOutput,
                                        PieceKind::NeedList,
                                        PieceKind::Inputs,
                                        PieceKind::Outputs,
                                        PieceKind::Cpus,
                                        PieceKind::MemMb,
                                        PieceKind::Scratch,
                                        PieceKind::Hostfile});
  CHECK(pieces(file.step("c").spec.outputs[0].path) == "<2:>-<1:2.5>.txt");
  CHECK(file.step("a.b").spec.outputs[0].mentioned);
  CHECK_FALSE(file.step("a.b").spec.outputs[1].mentioned);
}

TEST_CASE("an error points at the placeholder, not at its string") {
  const Resolved file =
      resolve_steps("[[step]]\nname = \"a\"\neach = \"session\"\nrun = 'x {nothing}'\n");
  REQUIRE(file.kinds() == std::vector<Kind>{Kind::UnknownPlaceholder});
  CHECK(file.sink.all()[0].span.column == 10);
  CHECK(file.sink.all()[0].span.end_column == 19);
}

}  // namespace
}  // namespace wfc
