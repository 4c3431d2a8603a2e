// Many processes at one file of slots: none is lost, none is read torn. WFC_FAULT_DIR: where (an
// NFS mount, say); WFC_FAULT_ROUNDS: slots of each process.
#include "runtime/plan/state.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kWriters = 8;
constexpr std::uint32_t kReaders = 2;

// All of a slot follows from its index and its turn, so that a mixture of two shows.
wfr::Slot slot_of(std::uint32_t index, std::uint16_t turn) {
  wfr::Slot slot;
  slot.verdict = wfr::Verdict::Done;
  slot.attempt = turn;
  slot.key = {index, turn};
  slot.fingerprint = {~std::uint64_t{index}, std::uint64_t{turn} << 32U};
  slot.time_ns = static_cast<std::int64_t>(index) * 1000 + turn;
  return slot;
}

bool is_right(const wfr::Slot& slot, std::uint32_t index) {
  const wfr::Slot wanted = slot_of(index, slot.attempt);
  return slot.key == wanted.key && slot.fingerprint == wanted.fingerprint &&
         slot.time_ns == wanted.time_ns;
}

// Every eighth slot, twice, with its own open file, as a job of its own on another node.
int write_all(const fs::path& file, std::uint32_t count, std::uint32_t who) {
  wfr::SlotFile slots(file, count, true);
  for (std::uint16_t turn = 1; turn <= 2; ++turn) {
    for (std::uint32_t index = who; index < count; index += kWriters) {
      slots.write(index, slot_of(index, turn));
      if (slots.read(index).attempt != turn) return 1;
    }
  }
  return 0;
}

// A slot that was seen done stays so.
int read_all(const fs::path& file, std::uint32_t count) {
  const wfr::SlotFile slots(file, count, false);
  std::vector<bool> seen(count, false);
  for (int look = 0; look < 50; ++look) {
    const std::vector<wfr::Slot> all = slots.read_range({0, count});
    for (std::uint32_t index = 0; index < count; ++index) {
      const bool done = all[index].verdict == wfr::Verdict::Done;
      if (done ? !is_right(all[index], index) : seen[index]) return 1;
      seen[index] = done;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("slots that many processes write at once are all there, and whole") {
  const char* const place = std::getenv("WFC_FAULT_DIR");
  const char* const rounds = std::getenv("WFC_FAULT_ROUNDS");
  const std::uint32_t count =
      kWriters * static_cast<std::uint32_t>(rounds != nullptr ? std::atoi(rounds) : 60);
  std::string name =
      ((place != nullptr ? fs::path(place) : fs::temp_directory_path()) / "wfc-slots-XXXXXX")
          .string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const fs::path file = fs::path(name) / "step.slots";
  { const wfr::SlotFile made(file, count, true); }
  std::vector<pid_t> children;
  for (std::uint32_t who = 0; who < kWriters + kReaders; ++who) {
    const pid_t child = fork();
    if (child == 0) _exit(who < kWriters ? write_all(file, count, who) : read_all(file, count));
    children.push_back(child);
  }
  std::uint32_t good = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    good += status == 0 ? 1U : 0U;
  }
  CHECK(good == kWriters + kReaders);
  const wfr::SlotFile slots(file, count, false);
  std::uint32_t whole = 0;
  for (std::uint32_t index = 0; index < count; ++index) {
    const wfr::Slot slot = slots.read(index);
    whole += slot.attempt == 2 && is_right(slot, index) ? 1U : 0U;
  }
  CHECK(whole == count);
  std::printf("fault: slots-at-once survived %u of %u seed 0\n", whole, count);
  std::error_code ignored;
  fs::remove_all(name, ignored);
}
