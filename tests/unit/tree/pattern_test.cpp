// Globs and regular expressions over directory names.
#include "compiler/tree/pattern.hpp"

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
}

TEST_CASE("any bytes can be matched") {
  CHECK(Pattern("*").matches("\xff\xfe"));
  CHECK(Pattern("caf?").matches("caf\xe9"));
  CHECK(Pattern("a*b").matches("a\nb"));
  CHECK(Pattern("*").matches("-rf"));
  CHECK(Pattern("\xff*").matches("\xff\x01"));
  CHECK(Pattern("/^caf.$/").matches("caf\xe9"));
}

TEST_CASE("a regular expression matches anywhere unless it is anchored") {
  CHECK(Pattern("/0[13]/").matches("session03"));
  CHECK(Pattern("/^session\\d+$/").matches("session12"));
  CHECK_FALSE(Pattern("/^session\\d+$/").matches("session12b"));
  CHECK_FALSE(Pattern("/^01/").matches("session01"));
}

TEST_CASE("a regular expression that is not one matches nothing and says so") {
  const Pattern pattern("/(/");
  CHECK_FALSE(pattern.problem().empty());
  CHECK_FALSE(pattern.matches("("));
  CHECK(Pattern("/a/").problem().empty());
  CHECK(Pattern("(").problem().empty());
}
