// Whether two globs have a name in common: by hand, and against fnmatch(3) over all short names.
#include "compiler/graph/name_pattern.hpp"

#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fnmatch.h>

using wfc::NamePattern;

namespace {

bool overlap(const std::string& a, const std::string& b) {
  const NamePattern one = NamePattern::of_glob(a);
  const NamePattern other = NamePattern::of_glob(b);
  CHECK(one.overlaps(other) == other.overlaps(one));
  return one.overlaps(other);
}

// Every name over a small alphabet up to four bytes.
std::vector<std::string> short_names() {
  std::vector<std::string> names;
  std::vector<std::string> last{""};
  for (int length = 1; length <= 4; ++length) {
    std::vector<std::string> next;
    for (const std::string& name : last) {
      for (const char c : std::string("ab.-")) next.push_back(name + c);
    }
    names.insert(names.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return names;
}

}  // namespace

TEST_CASE("globs that have a name in common") {
  CHECK(overlap("a.csv", "*.csv"));
  CHECK(overlap("x_*.csv", "*_1.csv"));
  CHECK(overlap("o?e.txt", "one.txt"));
  CHECK(overlap("[!a]*", "?b"));
  CHECK(overlap("[[:digit:]]x", "7*"));
  CHECK(overlap("\\*", "?"));
  CHECK(overlap("a[1", "a\\[1"));
  CHECK(overlap("[]-]x", "\\]x"));
}

TEST_CASE("globs that have none") {
  CHECK_FALSE(overlap("*.csv", "*.txt"));
  CHECK_FALSE(overlap("a*", "b*"));
  CHECK_FALSE(overlap("?", "??"));
  CHECK_FALSE(overlap("[0-4]*", "[5-9]*"));
  CHECK_FALSE(overlap("\\*", "a"));
  CHECK_FALSE(overlap("x*x", "xy"));
  CHECK_FALSE(overlap("[[:upper:]]", "[[:lower:]]"));
}

TEST_CASE("a leading dot is matched by a dot alone") {
  CHECK_FALSE(overlap("*", ".hidden"));
  CHECK_FALSE(overlap("?x", ".x"));
  CHECK_FALSE(overlap("[.]x", ".x"));
  CHECK_FALSE(overlap("*.x", ".x"));
  CHECK(overlap(".*", ".hidden"));
  CHECK(overlap("a*", "a.x"));
}

TEST_CASE("a placeholder may be any text") {
  const wfr::Piece level{wfr::PieceKind::LevelName, "", {}, 0, 0, ""};
  const wfr::Piece text{wfr::PieceKind::Text, "_*.csv", {}, 0, 0, ""};
  const NamePattern glob = NamePattern::of_component({level, text}, true);
  CHECK(glob.matches("s1_x.csv"));
  CHECK(glob.matches(".s_.csv"));
  CHECK_FALSE(glob.matches("s1.csv"));
  const NamePattern literal = NamePattern::of_component({level, text}, false);
  CHECK(literal.matches("s1_*.csv"));
  CHECK_FALSE(literal.matches("s1_x.csv"));
}

TEST_CASE("short globs overlap as fnmatch finds it over all short names") {
  const std::vector<std::string> names = short_names();
  const std::vector<std::string> parts{
      "a", "b", ".", "*", "?", "[ab]", "[!a]", "[a-b.]", "\\*", "-"};
  std::mt19937 random(7);  // NOLINT: the same each time
  const auto pick = [&] {
    std::string glob;
    const std::size_t length = 1 + random() % 4;
    for (std::size_t i = 0; i < length; ++i) glob += parts[random() % parts.size()];
    return glob;
  };
  int overlaps = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const std::string a = pick();
    const std::string b = pick();
    bool found = false;
    for (const std::string& name : names) {
      const bool one = ::fnmatch(a.c_str(), name.c_str(), FNM_PERIOD) == 0;
      const bool matches = NamePattern::of_glob(a).matches(name);
      // The C library takes a dot that comes right after `*?` for a leading one.
      const bool odd = matches && name.find('.', 1) != std::string::npos;
      if (matches != one && !odd) FAIL(a << " and the name " << name);
      found = found || (one && ::fnmatch(b.c_str(), name.c_str(), FNM_PERIOD) == 0);
    }
    INFO(a << " and " << b);
    // What is in common may be longer than the names that were tried, or of other letters.
    if (found) CHECK(overlap(a, b));
    overlaps += found ? 1 : 0;
  }
  CHECK(overlaps > 100);
}

TEST_CASE("signs of a glob") {
  CHECK(wfc::has_glob_sign("a*"));
  CHECK_FALSE(wfc::has_glob_sign("a\\*\\[x"));
  CHECK(wfc::without_escapes("a\\*\\[x\\\\") == "a*[x\\");
}
