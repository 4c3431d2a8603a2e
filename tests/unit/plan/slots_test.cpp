// Slots: torn, damaged and concurrent writes; the place and the name of a state.
#include "runtime/plan/state.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr::test {
namespace {

Slot done_slot(std::uint64_t mark) {
  Slot slot;
  slot.verdict = Verdict::Done;
  slot.key = {mark, ~mark};
  slot.log_offset = mark * 3;
  return slot;
}

}  // namespace

TEST_CASE("a slot is read as it was written; what was not written is None", "[state]") {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "slots" / "a.slots";
  CHECK(SlotFile(file, 10, false).read(3).verdict == Verdict::None);
  SlotFile slots(file, 10, true);
  CHECK(std::filesystem::file_size(file) == 640);
  Slot slot = done_slot(7);
  slot.verdict = Verdict::Failed;
  slot.failure = FailureKind::OutOfMemory;
  slot.attempt = 3;
  slot.status = -9;
  slot.time_ns = 1234567890123456789;
  slots.write(3, slot);
  const Slot back = SlotFile(file, 10, false).read(3);
  CHECK(back.verdict == Verdict::Failed);
  CHECK(back.failure == FailureKind::OutOfMemory);
  CHECK(back.attempt == 3);
  CHECK(back.status == -9);
  CHECK(back.key == slot.key);
  CHECK(back.time_ns == slot.time_ns);
  CHECK(slots.read(2).verdict == Verdict::None);
  CHECK(slots.read(4).verdict == Verdict::None);
  CHECK(slots.read(1000).verdict == Verdict::None);
  const auto range = slots.read_range({2, 12});
  REQUIRE(range.size() == 10);
  CHECK(range[1].key == slot.key);
  CHECK(range[9].verdict == Verdict::None);
  CHECK(slots.read_range({5, 5}).empty());
}

TEST_CASE("slots are visited in order whatever their number", "[state]") {
  const ScratchDirectory scratch;
  constexpr std::uint32_t kCount = 40'000;
  SlotFile slots(scratch.path() / "a.slots", kCount, true);
  Slot slot;
  slot.verdict = Verdict::Done;
  std::vector<TaskIndex> written;
  for (TaskIndex i = 0; i < kCount; i += 16'384 / 2 - 1) {
    slots.write(i, slot);
    written.push_back(i);
  }
  std::vector<TaskIndex> done;
  TaskIndex next = 5;
  slots.visit({5, kCount}, [&](TaskIndex index, const Slot& one) {
    REQUIRE(index == next++);
    if (one.verdict == Verdict::Done) done.push_back(index);
  });
  CHECK(next == kCount);
  written.erase(written.begin());
  CHECK(done == written);
}

TEST_CASE("a slot torn at any byte, or damaged, reads as None", "[state]") {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "a.slots";
  SlotFile(file, 2, true).write(0, done_slot(1));
  SlotFile(file, 2, true).write(1, done_slot(2));
  const std::string whole = read_file(file);
  for (std::size_t size = 64; size < 128; ++size) {
    write_file(file, whole.substr(0, size));
    const SlotFile slots(file, 2, false);
    REQUIRE(slots.read(0).verdict == Verdict::Done);
    REQUIRE(slots.read(1).verdict == Verdict::None);
    REQUIRE(slots.read_range({0, 2})[1].verdict == Verdict::None);
  }
  for (std::size_t i = 64; i < 128; ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    write_file(file, damaged);
    REQUIRE(SlotFile(file, 2, false).read(1).verdict == Verdict::None);
  }
}

TEST_CASE("many processes write their own slots of one file", "[state]") {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "a.slots";
  constexpr std::uint32_t kWriters = 6;
  constexpr std::uint32_t kSlots = 300;
  std::vector<pid_t> children;
  for (std::uint32_t writer = 0; writer < kWriters; ++writer) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      SlotFile slots(file, kSlots, true);
      for (std::uint32_t i = writer; i < kSlots; i += kWriters) slots.write(i, done_slot(i + 1));
      ::_exit(0);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  const SlotFile slots(file, kSlots, false);
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    REQUIRE(slots.read(i).verdict == Verdict::Done);
    REQUIRE(slots.read(i).key.low == i + 1);
  }
}

TEST_CASE("a slot file moves", "[state]") {
  const ScratchDirectory scratch;
  SlotFile first(scratch.path() / "a.slots", 1, true);
  SlotFile second;
  second = std::move(first);
  second.write(0, done_slot(5));
  const SlotFile third(std::move(second));
  CHECK(third.read(0).key.low == 5);
}

TEST_CASE("the last plan is named, and where its state lives", "[state]") {
  const ScratchDirectory scratch;
  CHECK(read_last(scratch.path()).empty());
  write_last(scratch.path(), "abc");
  CHECK_THROWS_WITH(read_last(scratch.path()), Catch::Matchers::Contains("names no plan"));
  write_last(scratch.path(), "../../../x");
  CHECK_THROWS_WITH(read_last(scratch.path()), Catch::Matchers::Contains("names no plan"));
  write_last(scratch.path(), "0123456789abcdef0123456789abcdef");
  CHECK(read_last(scratch.path()) == "0123456789abcdef0123456789abcdef");
  StepSpec step;
  step.name = "sort";
  const StatePaths paths = state_paths(scratch.path(), "abc");
  CHECK(paths.slots(step) == scratch.path() / "state/abc/slots/sort.slots");
  CHECK(paths.journal() == scratch.path() / "state/abc/journal");
}

}  // namespace wfr::test
