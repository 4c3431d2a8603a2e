// Names as text: nothing that a terminal or a parser would act on comes through.
#include "compiler/tree/visible.hpp"

#include <catch2/catch.hpp>

TEST_CASE("ordinary names stay as they are") {
  CHECK(wfc::visible("session01") == "session01");
  CHECK(wfc::visible("mätning 3 µV 日本 🐭") == "mätning 3 µV 日本 🐭");
  CHECK(wfc::visible("$(rm -rf ~) \"'`") == "$(rm -rf ~) \"'`");
  CHECK(wfc::visible("").empty());
}

TEST_CASE("controls and bytes that are no UTF-8 are spelt out") {
  CHECK(wfc::visible("a\nb\tc") == "a\\nb\\tc");
  CHECK(wfc::visible("\x1b[31m") == "\\x1b[31m");
  CHECK(wfc::visible("\x7f") == "\\x7f");
  CHECK(wfc::visible("caf\xe9") == "caf\\xe9");
  CHECK(wfc::visible("a\\nb") == "a\\\\nb");
  CHECK(wfc::visible("\xc2\x85") == "\\xc2\\x85");
}

TEST_CASE("sequences that only look like UTF-8 are spelt out") {
  CHECK(wfc::visible("\xc0\xaf") == "\\xc0\\xaf");                    // overlong '/'
  CHECK(wfc::visible("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
  CHECK(wfc::visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(wfc::visible("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(wfc::visible("\xe6\x97") == "\\xe6\\x97");                    // cut short
  CHECK(wfc::visible("\xe6(a") == "\\xe6(a");
}
