// Texts that would take a parser too far down.
#include "compiler/syntax/nesting.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a key has so many parts, and no more") {
  const auto key = [](std::size_t parts) { return "a" + repeated(".a", parts - 1); };
  CHECK_FALSE(find_too_deep(key(kMostKeyParts) + " = 1\n" + key(kMostKeyParts) + " = 2\n"));
  const auto deep = find_too_deep("x = 1\n" + key(kMostKeyParts + 1) + " = 1\n");
  REQUIRE(deep);
  CHECK(deep->offset == 6 + 2 * kMostKeyParts - 1);
  CHECK(find_too_deep("[" + key(100000) + "]\n"));
  CHECK(find_too_deep("[[" + key(17) + "]]\n"));
  CHECK(find_too_deep("a = { " + key(17) + " = 1 }"));
  CHECK(find_too_deep(repeated("\"a\" . 'b'.", 9) + "c = 1"));
}

TEST_CASE("lists and tables are in each other so deeply, and no deeper") {
  const auto lists = [](std::size_t depth) {
    return "x = " + repeated("[", depth) + "1, 2" + repeated("]", depth) + "\n";
  };
  CHECK_FALSE(find_too_deep(lists(kMostNested) + lists(kMostNested)));
  CHECK(find_too_deep(lists(kMostNested + 1)));
  CHECK(find_too_deep("x = " + repeated("{ a = [", 20)));
  CHECK_FALSE(find_too_deep(repeated("x = { a = [1.5, 2.5] }\n[[step]]\n[a.b]\n", 1000)));
}

TEST_CASE("what stands in a string or a comment is not nested") {
  const std::string deep = repeated("[{a.", 100);
  CHECK_FALSE(find_too_deep("# " + deep + "\n"));
  CHECK_FALSE(find_too_deep("x = \"" + deep + "\"\ny = '" + deep + "\\'\n"));
  CHECK_FALSE(find_too_deep("x = \"\\\"" + deep + "\"\n"));
  CHECK_FALSE(find_too_deep("x = \"\"\"\n\"" + deep + "\\\"\"\"\n" + deep + "\"\"\"\"\"\ny = 1\n"));
  CHECK_FALSE(find_too_deep("x = '''\n'" + deep + "\n'''\ny = 1\n"));
  CHECK(find_too_deep("x = \"\"" + deep));
  CHECK(find_too_deep("x = \"\"\"a\"\"\"\n" + deep));
  CHECK(find_too_deep("x = \"not closed\n" + deep));
}

}  // namespace wfc
