// Where the names of levels come from.
#include "compiler/workflow/sheet.hpp"
#include "tests/unit/workflow/resolve_text.hpp"

#include <map>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using Names = std::vector<std::string>;

Resolved resolve_levels_text(const std::string& levels,
                             std::map<std::string, std::string> sheets = {}) {
  ResolveOptions options;
  options.read_sheet = [sheets](const std::string& path,
                                std::string&) -> std::optional<std::string> {
    const auto found = sheets.find(path);
    if (found == sheets.end()) return std::nullopt;
    return found->second;
  };
  return resolve_text(
      "[workflow]\nname = \"t\"\n" + levels + "[[step]]\nname = \"a\"\nrun = \"true\"\n", options);
}

TEST_CASE("levels form a tree") {
  const Resolved file = resolve_levels_text(R"(
    [[level]]
    name = "session"
    match = "/session[0-9]+/"
    only = "session0*"
    exclude = ["*.old", "/.*tmp/"]
    [[level]]
    name = "array"
    match = "array*"
    [[level]]
    name = "eye"
    match = "eye"
    under = "session"
    [[level]]
    name = "site"
    match = "x"
    under = "root"
  )");
  REQUIRE(file.text().empty());
  const auto& levels = file.workflow.levels;
  REQUIRE(levels.size() == 5);
  CHECK(levels[0].name.empty());
  CHECK(levels[1].match == "/session[0-9]+/");
  CHECK(levels[1].only == Names{"session0*"});
  CHECK(levels[1].exclude == Names{"*.old", "/.*tmp/"});
  CHECK(levels[2].under == static_cast<LevelId>(1));
  CHECK(levels[3].under == static_cast<LevelId>(1));
  CHECK(levels[4].under == wfr::kRootLevel);
}

TEST_CASE("values are expanded in the order written") {
  const Resolved file =
      resolve_levels_text("[[level]]\nname = \"c\"\nvalues = [\"z\", \"c{09..11}\"]\n");
  REQUIRE(file.text().empty());
  CHECK(file.workflow.levels[1].source == LevelSource::Values);
  CHECK(file.workflow.levels[1].values == Names{"z", "c09", "c10", "c11"});
}

TEST_CASE("a sheet of lines, and a CSV with columns and parents") {
  const Resolved file = resolve_levels_text(
      R"(
    [[level]]
    name = "subject"
    file = "subjects.txt"
    [[level]]
    name = "sample"
    file = "samples.csv"
    column = "id"
    [params]
    note = "the age"
  )",
      {{"subjects.txt", "p1\np2\n"}, {"samples.csv", "subject,id,age\np1,a,4\np2,a,5\n"}});
  REQUIRE(file.text().empty());
  CHECK(file.workflow.levels[1].rows == std::vector<Names>{{"p1"}, {"p2"}});
  CHECK(file.workflow.levels[2].columns == Names{"subject", "age"});
  CHECK(file.workflow.levels[2].rows == std::vector<Names>{{"a", "p1", "4"}, {"a", "p2", "5"}});
}

TEST_CASE("of a wide sheet only what the workflow names is kept") {
  ResolveOptions options;
  options.read_sheet = [](const std::string&, std::string&) {
    return std::optional<std::string>("d1,id,d2,d,d10,e,unused\n1,a,2,3,4,5,6\n");
  };
  const Resolved file = resolve_text(R"(
    [workflow]
    name = "t"
    [[level]]
    name = "s"
    file = "s.csv"
    column = "id"
    [[step]]
    name = "a"
    each = "s"
    where = { s.e = "5" }
    run = "echo {s.d1} {s.d10}"
  )",
                                     options);
  REQUIRE(file.text().empty());
  const LevelDef& level = file.workflow.levels[1];
  CHECK(level.header == Names{"d1", "id", "d2", "d", "d10", "e", "unused"});
  CHECK(level.columns == Names{"d1", "d10", "e"});
  CHECK(level.rows == std::vector<Names>{{"a", "1", "4", "5"}});
  CHECK(cell_span(level, 0, 2).column == 9);
}

TEST_CASE("a cell of a sheet is found again in its file") {
  // The names are not in the first column, a field spans two lines, and two lines are no rows.
  const Resolved file = resolve_levels_text(
      "[[level]]\nname = \"s\"\nfile = \"s.csv\"\ncolumn = \"id\"\n"
      "[params]\nnote = \"x, y and z\"\n",
      {{"s.csv", "x,y,id,z\n\"1\n2\",\"q,\",a,3\n\n,,,\n4,5,b,66\n"}});
  REQUIRE(file.text().empty());
  const LevelDef& level = file.workflow.levels[1];
  REQUIRE(level.rows == std::vector<Names>{{"a", "1\n2", "q,", "3"}, {"b", "4", "5", "66"}});
  const auto place = [&level](std::size_t row, std::size_t cell) {
    const Span span = cell_span(level, row, cell);
    return std::vector<std::uint32_t>{span.line, span.column, span.end_line, span.end_column};
  };
  using Place = std::vector<std::uint32_t>;
  CHECK(place(0, 0) == Place{3, 9, 3, 10});
  CHECK(place(0, 1) == Place{2, 1, 3, 3});
  CHECK(place(0, 2) == Place{3, 4, 3, 8});
  CHECK(place(0, 3) == Place{3, 11, 3, 12});
  CHECK(place(1, 0) == Place{6, 5, 6, 6});
  CHECK(place(1, 3) == Place{6, 7, 6, 9});
}

TEST_CASE("a sheet with one name twice, a name that is a path, or no column of that name") {
  const std::string level = "[[level]]\nname = \"s\"\nfile = \"s.csv\"\ncolumn = \"id\"\n";
  CHECK(resolve_levels_text(level, {{"s.csv", "id,x\na,1\na,2\n"}}).kinds() ==
        std::vector<Kind>{Kind::DuplicateName});
  CHECK(resolve_levels_text(level, {{"s.csv", "id,x\n../a,1\n"}}).kinds() ==
        std::vector<Kind>{Kind::BadDirectoryName});
  CHECK(resolve_levels_text(level, {{"s.csv", "ID,x\na,1\n"}}).kinds() ==
        std::vector<Kind>{Kind::UnknownColumn});
  CHECK(resolve_levels_text(level, {{"s.csv", "id,x\n"}}).kinds() ==
        std::vector<Kind>{Kind::BadSheet});
  CHECK(resolve_levels_text(level).kinds() == std::vector<Kind>{Kind::CannotRead});
  for (const char* blank : {"id,x\na ,1\n", "id,x\n\ta,1\n", "id,x\n,1\n"}) {
    CHECK(resolve_levels_text(level, {{"s.csv", blank}}).kinds() ==
          std::vector<Kind>{Kind::BadDirectoryName});
  }
  // Composed and not: the same name.
  CHECK(resolve_levels_text(level, {{"s.csv", "id,x\nzo\xc3\xab,1\nzoe\xcc\x88,2\n"}}).kinds() ==
        std::vector<Kind>{Kind::DuplicateName});
  CHECK(resolve_levels_text(level, {{"s.csv", std::string("id,x\na\0b,1\n", 12)}}).kinds() ==
        std::vector<Kind>{Kind::BadSheet});
}

TEST_CASE("a step makes directories below its own, and not after everything else") {
  const std::string levels =
      "[[level]]\nname = \"s\"\nmatch = \"s*\"\n[[level]]\nname = \"t\"\nvalues = "
      "[\"t1\"]\nmade_by = \"cut\"\n";
  const auto with = [&levels](const std::string& step) {
    return resolve_text("[workflow]\nname = \"t\"\n" + levels +
                        "[[step]]\nname = \"cut\"\nrun = \"true\"\n" + step)
        .kinds();
  };
  CHECK(with("each = \"s\"\n").empty());
  CHECK(with("").empty());
  CHECK(with("each = \"t\"\n") == std::vector<Kind>{Kind::UnrelatedLevel});
  CHECK(with("on = \"success\"\n") == std::vector<Kind>{Kind::FinalizerKey});
}

}  // namespace
}  // namespace wfc
