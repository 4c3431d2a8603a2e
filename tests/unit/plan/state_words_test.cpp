// The patterns of words that are read from files and from Slurm.
#include "runtime/plan/state_words.hpp"

#include <catch2/catch.hpp>

using namespace wfr;

TEST_CASE("a number is digits and nothing else", "[state]") {
  CHECK(whole_number("0") == 0U);
  CHECK(whole_number("4294967295") == 4294967295U);
  for (const char* text :
       {"", "00", "01", "-1", "+1", " 1", "1 ", "0x1", "1e3", "4294967296", "a"}) {
    INFO(text);
    CHECK_FALSE(whole_number(text));
  }
}

TEST_CASE("names of plans, runs, jobs and hosts", "[state]") {
  CHECK(is_plan_hash("0123456789abcdef0123456789abcdef"));
  CHECK_FALSE(is_plan_hash("0123456789ABCDEF0123456789abcdef"));
  CHECK_FALSE(is_plan_hash("../../../../../../../../../../../"));
  CHECK(is_run_word("20260101-120000-0123abcd"));
  for (const char* text : {"", "-a", "a/b", "..", "a b", "a\n", "$(id)"})
    CHECK_FALSE(is_run_word(text));
  for (const char* text : {"01-a", "100-a.pass2", "01-a_b.c-d+12"}) CHECK(is_job_word(text));
  for (const char* text :
       {"", "-a", "01-", "a-b", "01-a+", "01-a+x", "01-a+01", "01-a/b", "01-a*"}) {
    INFO(text);
    CHECK_FALSE(is_job_word(text));
  }
  CHECK(is_host_word("node-1.example_x"));
  for (const char* text : {"", "-x", ".", "a,b", "a[1]", "a b", "a\xff"})
    CHECK_FALSE(is_host_word(text));
  CHECK(is_host_list("a[1-3,7],b"));
  for (const char* text : {"", "(null)", "None assigned", "a;b"}) CHECK_FALSE(is_host_list(text));
}
