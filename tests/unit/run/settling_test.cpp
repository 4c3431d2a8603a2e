// Waiting for files without sleeping.
#include "runtime/run/settling.hpp"

#include <catch2/catch.hpp>

using namespace wfr;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("a task is due again and again until its time is over") {
  Settling settling(10);
  const Task task{StepId{1}, 7};
  std::int64_t now = 100 * kSecond;
  REQUIRE(settling.wait(task, "/nowhere/f", now));
  CHECK_FALSE(settling.empty());
  CHECK(settling.due(now).empty());
  int looked = 0;
  while (true) {
    now += kSecond / 10;
    const std::vector<Task> due = settling.due(now);
    if (due.empty()) continue;
    REQUIRE(due.size() == 1);
    CHECK(due.front().index == 7);
    ++looked;
    if (!settling.wait(task, "/nowhere/f", now)) break;
  }
  CHECK(now >= 110 * kSecond);
  CHECK(now < 111 * kSecond);
  CHECK(looked >= 8);
  CHECK(looked < 40);
  CHECK(settling.empty());
  // Another time is another wait.
  CHECK(settling.wait(task, "/nowhere/f", now));
}

TEST_CASE("many wait at once, each for its own time; without a limit nobody does") {
  Settling settling(10);
  REQUIRE(settling.wait({StepId{0}, 1}, "/f", 0));
  REQUIRE(settling.wait({StepId{0}, 2}, "/f", 5 * kSecond));
  CHECK(settling.due(6 * kSecond).size() == 2);
  CHECK_FALSE(settling.wait({StepId{0}, 1}, "/f", 10 * kSecond));
  CHECK(settling.wait({StepId{0}, 2}, "/f", 10 * kSecond));
  settling.found({StepId{0}, 2});
  CHECK(settling.wait({StepId{0}, 2}, "/f", 19 * kSecond));
  Settling none(0);
  CHECK_FALSE(none.wait({StepId{0}, 1}, "/f", 0));
  CHECK(none.empty());
}
