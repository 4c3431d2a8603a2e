// Units, ranges, sample sheets, patterns and names.
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/pattern.hpp"
#include "compiler/workflow/ranges.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/units.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("times are seconds") {
  CHECK(parse_time("90s") == 90U);
  CHECK(parse_time("1h30m") == 5400U);
  CHECK(parse_time("2d") == 172800U);
  CHECK(parse_time("1.5h") == 5400U);
  CHECK(parse_time("0.5s") == 1U);   // rounded up
  CHECK(parse_time("30") == 1800U);  // minutes, as sbatch reads it
  CHECK(parse_time("0:30") == 30U);
  CHECK(parse_time("90:00") == 5400U);
  CHECK(parse_time("1:30:00") == 5400U);
  CHECK(parse_time("1-12") == 129600U);
  CHECK(parse_time("1-12:30") == 131400U);
  CHECK(parse_time("1-12:00:05") == 129605U);
  for (const char* wrong : {"",
                            "h",
                            "1h ",
                            "1hour",
                            "30m1h",
                            "1h1h",
                            "-1h",
                            "1:2:3:4",
                            "1-",
                            "-5",
                            "1:",
                            ":1",
                            "1.5",
                            "1.h",
                            "nan",
                            "99999999999d",
                            "1e3s"}) {
    INFO(wrong);
    CHECK_FALSE(parse_time(wrong).has_value());
  }
}

TEST_CASE("memory is megabytes, rounded up") {
  CHECK(parse_memory("4G") == 4096U);
  CHECK(parse_memory("4GB") == 4096U);
  CHECK(parse_memory("4GiB") == 4096U);
  CHECK(parse_memory("1.5T") == 1572864U);
  CHECK(parse_memory("500M") == 500U);
  CHECK(parse_memory("100K") == 1U);
  CHECK(parse_memory("4000") == 4000U);
  for (const char* wrong : {"", "G", "4GG", "4 G", "-4G", "4X", "99999999999P", "4G "}) {
    INFO(wrong);
    CHECK_FALSE(parse_memory(wrong).has_value());
  }
}

TEST_CASE("factors are at least one") {
  CHECK(parse_factor("x2") == 2.0);
  CHECK(parse_factor("x1.5") == 1.5);
  for (const char* wrong : {"", "2", "x", "x0.5", "x2000", "2x", "x-2"}) {
    INFO(wrong);
    CHECK_FALSE(parse_factor(wrong).has_value());
  }
}

TEST_CASE("ranges of names count up and keep their zeros") {
  CHECK(expand_braces("plain").names == Words{"plain"});
  CHECK(expand_braces("c{8..11}").names == Words{"c8", "c9", "c10", "c11"});
  CHECK(expand_braces("c{08..11}").names == Words{"c08", "c09", "c10", "c11"});
  CHECK(expand_braces("c{8..011}").names == Words{"c008", "c009", "c010", "c011"});
  CHECK(expand_braces("{a,b}-{1..2}x").names == Words{"a-1x", "a-2x", "b-1x", "b-2x"});
  CHECK(expand_braces("channel{001..124}").names.size() == 124);
  for (const char* wrong : {"{2..1}",
                            "{",
                            "a{x}",
                            "{1..}",
                            "{..2}",
                            "{a..c}",
                            "{1..99999999999}",
                            "{1..9999}{1..9999}",
                            "{-1..2}"}) {
    INFO(wrong);
    CHECK_FALSE(expand_braces(wrong).problem.empty());
  }
}

TEST_CASE("lines of a sheet leave out comments and empty lines") {
  const Sheet sheet = read_lines("\xef\xbb\xbf# names\r\na b\r\n\n  c\nlast");
  CHECK(sheet.rows == std::vector<Words>{{"a b"}, {"  c"}, {"last"}});
  CHECK(sheet.lines == std::vector<std::uint32_t>{2, 4, 5});
}

TEST_CASE("CSV is read as RFC 4180 says") {
  const Sheet sheet = read_csv("id,note\r\ns1,\"a, \"\"b\"\"\r\nc\"\r\n\r\ns2,\n\"s3\",\"\"\n");
  CHECK(sheet.problem.empty());
  CHECK(sheet.header == Words{"id", "note"});
  CHECK(sheet.rows == std::vector<Words>{{"s1", "a, \"b\"\r\nc"}, {"s2", ""}, {"s3", ""}});
  CHECK(sheet.lines == std::vector<std::uint32_t>{2, 5, 6});
  CHECK(read_csv("id\na\n").rows == std::vector<Words>{{"a"}});
  CHECK(read_csv("id,x\na,b").rows == std::vector<Words>{{"a", "b"}});
  for (const char* wrong : {"",
                            "a,a\n1,2\n",
                            "a,b\n1\n",
                            "a,b\n1,2,3\n",
                            "a,b\n\"1,2\n",
                            "a,b\n\"1\"x,2\n",
                            "a,b\n1\"2,3\n"}) {
    INFO(wrong);
    CHECK_FALSE(read_csv(wrong).problem.empty());
  }
}

TEST_CASE("the fields of a CSV keep their places, with their quotes") {
  const Sheet sheet = read_csv(
      "\xef\xbb\xbf"
      "a,b\r\nx,\"y\nz\"\r\n\r\n\"\",last",
      {},
      true);
  REQUIRE(sheet.problem.empty());
  REQUIRE(sheet.rows.size() == 2);
  std::vector<std::vector<std::uint32_t>> places;
  for (const FieldPlace& place : sheet.places) {
    places.push_back({place.line, place.column, place.end_line, place.end_column});
  }
  CHECK(places == std::vector<std::vector<std::uint32_t>>{
                      {2, 1, 2, 2}, {2, 3, 3, 3}, {5, 1, 5, 3}, {5, 4, 5, 8}});
  CHECK(read_csv("a,b\n1,2\n3\n").problem_line == 3);
  CHECK(read_csv("a,b\n1,2\n\"3\n\n").problem_line == 3);
  CHECK(read_csv("a,b\n\"1\n\",\"2\"x\n").problem_line == 3);
  CHECK(read_csv("a,b\n1,2\n").places.empty());
}

TEST_CASE("the chosen fields of a CSV are kept, in the order of the choice") {
  const auto choose = [](const std::vector<std::string>& header) {
    CHECK(header == Words{"a", "b", "c"});
    return std::vector<std::size_t>{2, 0};
  };
  const Sheet sheet = read_csv("a,b,c\n1,2,3\n,x,\n,,\n4,5,6", choose);
  CHECK(sheet.problem.empty());
  CHECK(sheet.rows == std::vector<Words>{{"3", "1"}, {"", ""}, {"6", "4"}});
  CHECK(sheet.lines == std::vector<std::uint32_t>{2, 3, 5});
  CHECK(read_csv("a,b,c\n1,2\n", choose).problem_line == 2);
}

TEST_CASE("patterns are checked before anything is matched") {
  for (const char* good :
       {"*", "session[0-9]*", "[!a]?", "[]]x", "\\*", "/s(a|b)[0-9]+/", "/^x$/", "/[äö]+/"}) {
    INFO(good);
    CHECK(pattern_problem(good).what.empty());
  }
  for (const char* wrong : {"", "[a", "a\\", "a/b", "/(/", "/a{2,1}/", "/[z-a]/", "/*/"}) {
    INFO(wrong);
    CHECK_FALSE(pattern_problem(wrong).what.empty());
  }
  // Linear time has its limits too: this one would need a large automaton.
  CHECK_FALSE(pattern_problem("/((a{1000}){1000}){1000}/").what.empty());
}

TEST_CASE("a directory's name is one path component") {
  for (const char* good : {"a", "-x", "a b", "$(x)", "...", "\xff"})
    CHECK(directory_name_problem(good).empty());
  for (const char* wrong : {"", ".", "..", "a/b", "/"})
    CHECK_FALSE(directory_name_problem(wrong).empty());
  CHECK_FALSE(directory_name_problem(std::string("a\0b", 3)).empty());
  CHECK_FALSE(directory_name_problem(std::string(256, 'a')).empty());
  CHECK(is_step_name("02-high.pass"));
  CHECK_FALSE(is_step_name(".hidden"));
  CHECK_FALSE(is_step_name("a b"));
  CHECK_FALSE(is_step_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace wfc
