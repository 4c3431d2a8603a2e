// Which commands need no shell.
#include "runtime/run/simple_command.hpp"

#include "runtime/plan/expand.hpp"

#include <catch2/catch.hpp>

using namespace wfr;
using Words = std::vector<std::string>;

TEST_CASE("plain words and quoted words need no shell") {
  CHECK(simple_command("cp a b") == Words{"cp", "a", "b"});
  CHECK(simple_command("  cp\ta  b \n") == Words{"cp", "a", "b"});
  CHECK(simple_command("cp 'a b' x'y z'w ''") == Words{"cp", "a b", "xy zw", ""});
  CHECK(simple_command("./tool --rate=5 +x %d a:b,c@d") ==
        Words{"./tool", "--rate=5", "+x", "%d", "a:b,c@d"});
}

TEST_CASE("whatever shell_quote() gives is read back") {
  const Words words{"it's", "$(touch x)", "a\nb", "\xff", "-rf", "a=b", "*", "\"", "\\", ""};
  std::string source = "cp";
  for (const std::string& word : words) source += " " + shell_quote(word);
  Words expected{"cp"};
  expected.insert(expected.end(), words.begin(), words.end());
  CHECK(simple_command(source) == expected);
}

TEST_CASE("everything else is left to bash") {
  for (const char* source :
       {"",         "   ",         "a | b",  "a; b",       "a && b",     "a &",      "cp a* b",
        "cp ? b",   "echo hi",     "cd x",   "A=1 cp a b", "cp \"a\" b", "cp a > b", "cp $X b",
        "cp `x` b", "cp {a,b} c",  "cp ~ b", "(cp a b)",   "a\nb",       "! cp a b", "# cp a b",
        "cp a 'b",  "time cp a b", "if x",   "test a",     "cp a\\ b c", "a#b !"}) {
    INFO(source);
    CHECK_FALSE(simple_command(source).has_value());
  }
}
