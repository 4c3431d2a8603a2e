// Globs and regular expressions over directory names.
#include "compiler/tree/pattern.hpp"

#include <string>

#include <catch2/catch.hpp>

using wfc::Pattern;

TEST_CASE("a glob is for the whole name") {
  CHECK(Pattern("session*").matches("session01"));
  CHECK(Pattern("session*").matches("session"));
  CHECK_FALSE(Pattern("session*").matches("mysession01"));
  CHECK_FALSE(Pattern("session").matches("session01"));
  CHECK(Pattern("session").matches("session"));
  CHECK(Pattern("s?ssion0[1-3]").matches("session02"));
  CHECK_FALSE(Pattern("s?ssion0[1-3]").matches("session04"));
  CHECK(Pattern("[!s]*").matches("array"));
  CHECK_FALSE(Pattern("[!s]*").matches("session"));
  CHECK(Pattern("*0*1").matches("a0b01"));
}

TEST_CASE("a backslash takes the meaning from a wildcard") {
  CHECK(Pattern("a\\*b").matches("a*b"));
  CHECK_FALSE(Pattern("a\\*b").matches("axb"));
}

TEST_CASE("hidden directories are matched only by a dot") {
  CHECK_FALSE(Pattern("*").matches(".git"));
  CHECK_FALSE(Pattern("?git").matches(".git"));
  CHECK(Pattern(".g*").matches(".git"));
  // A cell of a sheet hides nothing.
  CHECK(Pattern("?*", false).matches("./reads.fq"));
}

TEST_CASE("any bytes can be matched") {
  CHECK(Pattern("*").matches("\xff\xfe"));
  CHECK(Pattern("caf?").matches("caf\xe9"));
  CHECK(Pattern("a*b").matches("a\nb"));
  CHECK(Pattern("*").matches("-rf"));
  CHECK(Pattern("\xff*").matches("\xff\x01"));
  CHECK(Pattern("/^caf.$/").matches("caf\xe9"));
}

TEST_CASE("a regular expression matches the whole name") {
  // std::regex_search took `sample10` and `old_sample1_bak` too.
  CHECK(Pattern("/sample1/").matches("sample1"));
  CHECK_FALSE(Pattern("/sample1/").matches("sample10"));
  CHECK_FALSE(Pattern("/sample1/").matches("old_sample1_bak"));
  CHECK_FALSE(Pattern("/a|b/").matches("ab"));
  CHECK(Pattern("/^session\\d+$/").matches("session12"));
  CHECK_FALSE(Pattern("/^session\\d+$/").matches("session12b"));
  CHECK_FALSE(Pattern("/^session/").matches("session01"));
  CHECK(Pattern("/.*/").matches("a\nb"));
}

TEST_CASE("a regular expression reads letters, not bytes") {
  CHECK(Pattern("/s.n/").matches("sön"));
  CHECK(Pattern("/s[öä]n/").matches("sän"));
  CHECK_FALSE(Pattern("/s..n/").matches("sön"));
}

TEST_CASE("a regular expression takes linear time") {
  // std::regex would not come to an end within a lifetime.
  CHECK_FALSE(Pattern("/(a+)+c/").matches(std::string(255, 'a')));
  CHECK_FALSE(Pattern("/(a|aa)*c/").matches(std::string(255, 'a')));
}

TEST_CASE("a regular expression that is not one matches nothing") {
  CHECK_FALSE(Pattern("/(/").matches("("));
}
