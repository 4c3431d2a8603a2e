// Names as text: nothing that a terminal or a parser would act on comes through.
#include "runtime/plan/visible.hpp"

#include <catch2/catch.hpp>

TEST_CASE("ordinary names stay as they are") {
  CHECK(wfr::visible("session01") == "session01");
  CHECK(wfr::visible("mätning 3 µV 日本 🐭") == "mätning 3 µV 日本 🐭");
  CHECK(wfr::visible("$(rm -rf ~) \"'`") == "$(rm -rf ~) \"'`");
  CHECK(wfr::visible("").empty());
}

TEST_CASE("controls and bytes that are no UTF-8 are spelt out") {
  CHECK(wfr::visible("a\nb\tc") == "a\\nb\\tc");
  CHECK(wfr::visible("\x1b[31m") == "\\x1b[31m");
  CHECK(wfr::visible("\x7f") == "\\x7f");
  CHECK(wfr::visible("caf\xe9") == "caf\\xe9");
  CHECK(wfr::visible("a\\nb") == "a\\\\nb");
  CHECK(wfr::visible("\xc2\x85") == "\\xc2\\x85");
}

TEST_CASE("sequences that only look like UTF-8 are spelt out") {
  CHECK(wfr::visible("\xc0\xaf") == "\\xc0\\xaf");                    // overlong '/'
  CHECK(wfr::visible("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
  CHECK(wfr::visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(wfr::visible("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(wfr::visible("\xe6\x97") == "\\xe6\\x97");                    // cut short
  CHECK(wfr::visible("\xe6(a") == "\\xe6(a");
}

TEST_CASE("what turns the direction of a line is escaped") {
  CHECK(wfr::visible("a\xe2\x80\xaez") == "a\\xe2\\x80\\xaez");  // U+202E
  CHECK(wfr::visible("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");      // U+2066
  CHECK(wfr::visible("\xd8\x9c") == "\\xd8\\x9c");               // U+061C
  CHECK(wfr::visible("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");      // U+2028
  CHECK(wfr::visible("\xe2\x80\x99") == "\xe2\x80\x99");         // a quotation mark
}

TEST_CASE("of a text the lines stay, and what is escaped stays as it is") {
  CHECK(wfr::visible_text("a\tb\nc \\d") == "a\tb\nc \\d");
  CHECK(wfr::visible_text("\x1b[2J\r bad\a\xff") == "\\x1b[2J\\x0d bad\\x07\\xff");
  const std::string name = wfr::visible("a\n\x1b\\ \xc2\x9b");
  CHECK(wfr::visible_text(name) == name);
}
